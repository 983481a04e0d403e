// Rules of our own, as selectors of ESLint's no-restricted-syntax; lint-rules.test.mjs shows what they catch.

const kinds =
  'deployment|service|configmap|secret|job|cronjob|ingress|statefulset|daemonset|persistentvolumeclaim|hpa|' +
  'horizontalpodautoscaler|networkpolicy|namespace|serviceaccount|role|resourcequota|limitrange|poddisruptionbudget|manifest'
const kindMessage =
  'The server describes kinds, the browser draws them: no comparison with the name of a kind outside components/schema-form/widgets.'

/** A kind's name compared with something's `kind` or `type`. */
export const KINDS = [
  `BinaryExpression[operator=/^[!=]==?$/][right.value=/^(${kinds})$/i] > MemberExpression.left > Identifier.property[name=/^(kind|type)$/]`,
  `BinaryExpression[operator=/^[!=]==?$/][left.value=/^(${kinds})$/i] > MemberExpression.right > Identifier.property[name=/^(kind|type)$/]`,
  `SwitchStatement > SwitchCase > Literal.test[value=/^(${kinds})$/i]`,
].map((selector) => ({ selector, message: kindMessage }))

const colour = '#([0-9a-f]{3,4}){1,2}\\b|\\b(rgb|hsl|oklch|lab)a?\\('
const colourMessage = 'Colours stand in src/styles/tokens.css alone; use a token.'

/** A literal colour. */
export const COLOURS = [`Literal[value=/(${colour})/i]`, `TemplateElement[value.raw=/(${colour})/i]`].map(
  (selector) => ({ selector, message: colourMessage }),
)
