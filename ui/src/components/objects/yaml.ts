/** What YAML would read as something other than text, or not at all. */
const AMBIGUOUS = /^$|^[\s\-?:,[\]{}#&*!|>'"%@`]|:\s|\s#|[\s:]$|^(true|false|null|yes|no|on|off|~)$|^[-+.\d]/i

/** A JSON value as people write it into a manifest. */
export function toYaml(value: unknown, indent = ''): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : listOf(value, indent)
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
    return entries.length === 0 ? '{}' : mapOf(entries, indent)
  }
  return scalar(value)
}

function listOf(items: readonly unknown[], indent: string): string {
  return items.map((item) => `${indent}- ${toYaml(item, `${indent}  `).trimStart()}`).join('\n')
}

function mapOf(entries: readonly [string, unknown][], indent: string): string {
  return entries
    .map(([key, item]) => {
      const below = toYaml(item, `${indent}  `)
      if (typeof item === 'string' && item.includes('\n')) return `${indent}${key}: ${block(item, indent)}`
      return below.includes('\n') || below.startsWith(' ') || isNested(item)
        ? `${indent}${key}:\n${below}`
        : `${indent}${key}: ${below}`
    })
    .join('\n')
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

function block(text: string, indent: string): string {
  return `|\n${text
    .trimEnd()
    .split('\n')
    .map((line) => `${indent}  ${line}`)
    .join('\n')}`
}

function scalar(value: unknown): string {
  if (typeof value !== 'string') return value === undefined ? 'null' : JSON.stringify(value)
  return AMBIGUOUS.test(value) || value.includes('\n') ? JSON.stringify(value) : value
}
