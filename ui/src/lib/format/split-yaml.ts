/** The documents of a YAML stream; content is indented, so a line of three hyphens alone can only part documents. */
export function splitYaml(text: string): string[] {
  return text
    .split(/^---[ \t]*$/m)
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
