export type JsonObject = Record<string, unknown>
/** Positions in a JSON document as RFC 6901 writes them; `*` in hints and card rows stands for any item. */
export type JsonPointer = string
