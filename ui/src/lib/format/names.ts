/** A namespace as Kubernetes takes it. */
export const NAMESPACE = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
export const NAMESPACE_RULE =
  'Lower-case letters, digits and dashes, with a letter or digit at both ends; 63 at most.'
