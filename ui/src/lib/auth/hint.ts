const KEY = 'kubeorch.session'

/**
 * Whether this browser may hold a refresh cookie, which no script can see. Without the mark the start asks the server
 * nothing, so that strangers cause no refusal; where storage is blocked it always asks.
 */
export function mayHaveSession(): boolean {
  try {
    return localStorage.getItem(KEY) !== null
  } catch {
    return true
  }
}

export function rememberSession(): void {
  write(() => localStorage.setItem(KEY, '1'))
}

export function forgetSession(): void {
  write(() => localStorage.removeItem(KEY))
}

function write(change: () => void): void {
  try {
    change()
  } catch {
    // storage is blocked; the start asks the server then
  }
}
