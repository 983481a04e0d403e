/** One event of a stream, as the WHATWG algorithm dispatches it. */
export type ServerEvent = {
  event: string
  data: string
  /** The last id seen, also by earlier events; opaque. */
  id: string
}

export type ParserHandlers = {
  onEvent: (event: ServerEvent) => void
  onRetry?: (milliseconds: number) => void
  onComment?: (text: string) => void
}

/**
 * Reads `text/event-stream` from pieces cut anywhere: inside a line, between CR and LF, inside a character.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class EventStreamParser {
  private readonly decoder = new TextDecoder('utf-8')
  private rest = ''
  private afterReturn = false
  private data: string[] = []
  private event = ''
  private id: string

  constructor(
    private readonly handlers: ParserHandlers,
    lastId = '',
  ) {
    this.id = lastId
  }

  feed(bytes: Uint8Array): void {
    this.feedText(this.decoder.decode(bytes, { stream: true }))
  }

  feedText(text: string): void {
    let from = 0
    if (this.afterReturn && text.length > 0) {
      if (text.startsWith('\n')) from = 1
      this.afterReturn = false
    }
    for (let at = from; at < text.length; at += 1) {
      const char = text.charCodeAt(at)
      if (char !== 10 && char !== 13) continue
      this.line(this.rest + text.slice(from, at))
      this.rest = ''
      if (char === 13) {
        if (at + 1 === text.length) this.afterReturn = true
        else if (text.charCodeAt(at + 1) === 10) at += 1
      }
      from = at + 1
    }
    this.rest += text.slice(from)
  }

  private line(line: string): void {
    if (line === '') {
      this.dispatch()
      return
    }
    const colon = line.indexOf(':')
    if (colon === 0) {
      this.handlers.onComment?.(line.slice(1).trimStart())
      return
    }
    const field = colon === -1 ? line : line.slice(0, colon)
    let value = colon === -1 ? '' : line.slice(colon + 1)
    if (value.startsWith(' ')) value = value.slice(1)
    this.field(field, value)
  }

  private field(field: string, value: string): void {
    switch (field) {
      case 'event':
        this.event = value
        return
      case 'data':
        this.data.push(value)
        return
      case 'id':
        if (!value.includes('\0')) this.id = value
        return
      case 'retry':
        if (/^[0-9]+$/.test(value)) this.handlers.onRetry?.(Number(value))
        return
      default:
        // a field of a later version of the format
        return
    }
  }

  private dispatch(): void {
    const { data, event } = this
    this.data = []
    this.event = ''
    if (data.length === 0) return
    this.handlers.onEvent({ event: event === '' ? 'message' : event, data: data.join('\n'), id: this.id })
  }
}
