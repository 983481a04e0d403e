/** Values to set in the query of the page's address; null takes one out. */
export type ChangeAddress = (values: Readonly<Record<string, string | null>>) => void

/** The way from any part of the page to its address. */
export interface Address {
  change: ChangeAddress
  /** Have changes done by this; returns how to stop. */
  doneBy: (change: ChangeAddress) => () => void
}

export function createAddress(): Address {
  let current: ChangeAddress | null = null
  return {
    change: (values) => current?.(values),
    doneBy: (change) => {
      current = change
      return () => {
        if (current === change) current = null
      }
    },
  }
}
