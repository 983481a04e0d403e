let count = 0

/** A name for a row that stays while it moves; it never leaves the page. */
export function newRowId(): string {
  count += 1
  return `row-${count}`
}
