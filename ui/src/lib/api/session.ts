/**
 * Where the client finds the access token. `lib/auth` fills this in; keeping it here lets the client know nothing of
 * sign-in, and sign-in use the client.
 */
export interface TokenSource {
  /** The token to send, or null. */
  token: () => string | null
  /** A token other than the one that was refused; throws an ApiError when the session is over. */
  renew: (refused: string) => Promise<string>
}

let source: TokenSource | null = null

export function setTokenSource(next: TokenSource | null): void {
  source = next
}

export function tokenSource(): TokenSource | null {
  return source
}
