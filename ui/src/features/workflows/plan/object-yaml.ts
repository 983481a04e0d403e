/** The document of an object among those that a node compiles to; null when it is not there. */
export function documentOf(
  documents: readonly string[],
  { kind, name }: { kind: string; name: string },
): string | null {
  const found = documents.find((text) => {
    const own = /^kind: *["']?([^"'\n]+?)["']? *$/m.exec(text)?.[1]
    const named = /^metadata:\n(?: +.*\n)*? {2}name: *["']?([^"'\n]+?)["']? *$/m.exec(text)?.[1]
    return own === kind && named === name
  })
  return found ?? null
}
