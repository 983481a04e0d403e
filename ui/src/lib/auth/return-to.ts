/** Return a path of this origin, or the fallback: where to go after signing in. */
export function safeReturnTo(wanted: string | null, fallback = '/'): string {
  if (!wanted?.startsWith('/') || /^\/[/\\]/.test(wanted) || hasControl(wanted)) return fallback
  const found = new URL(wanted, window.location.origin)
  if (found.origin !== window.location.origin) return fallback
  if (/^\/(login|signup)\/?$/.test(found.pathname)) return fallback
  return found.pathname + found.search + found.hash
}

// browsers drop tabs and line ends from addresses, which would turn "/<tab>/host" into "//host"
function hasControl(text: string): boolean {
  return Array.from(text).some((letter) => letter.charCodeAt(0) < 32)
}

/** The address of the sign-in page that leads back to a location. */
export function loginPath(location: { pathname: string; search: string; hash: string }): string {
  const here = location.pathname + location.search + location.hash
  return here === '/' ? '/login' : `/login?return_to=${encodeURIComponent(here)}`
}
