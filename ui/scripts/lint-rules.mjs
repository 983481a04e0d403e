// Rules of our own; lint-rules.test.mjs shows what they catch.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'

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

/** What only src/api may write: how something is asked for, and under which key the answer is kept. */
export const ASKING = [
  `Property[key.name='queryKey'] > ArrayExpression.value`,
  `Property[key.name=/^(queryFn|mutationFn)$/]`,
  `ImportDeclaration[source.value='@/lib/api/client'] > ImportSpecifier[imported.name=/^(api|call)$/]`,
].map((selector) => ({
  selector,
  message: 'What is asked of the server, and its key in the cache, stands in src/api/<noun>.ts alone.',
}))

/** Folders that every part of a feature may use; of themselves each uses only those behind it. */
const COMMON = ['open', 'draft', 'graph']

/**
 * Who may not import whom, as zones of import-x/no-restricted-paths: app → features → components, api → lib; no
 * feature another one; no part of a feature another part of it, but open, draft and graph.
 */
export function importZones(src = join(import.meta.dirname, '../src')) {
  const zone = (target, from, message, except) => ({
    target: `./src/${target}`,
    from: from.map((folder) => `./src/${folder}`),
    message,
    ...(except && { except }),
  })
  const foldersIn = (path) =>
    readdirSync(join(src, path), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
  const features = foldersIn('features')
  const parts = features.flatMap((feature) =>
    foldersIn(`features/${feature}`).map((part) => ({ feature, part })),
  )
  return [
    zone('lib', ['app', 'features', 'components', 'api'], 'lib imports lib alone'),
    zone('api', ['app', 'features', 'components'], 'api imports api and lib'),
    zone('components', ['app', 'features', 'api'], 'components import components and lib'),
    zone('features', ['app'], 'features do not know the app'),
    ...features.map((name) =>
      zone(
        `features/${name}`,
        features.filter((other) => other !== name).map((other) => `features/${other}`),
        'no feature imports another; what two need moves down or meets in app',
      ),
    ),
    ...parts.map(({ feature, part }) =>
      zone(
        `features/${feature}/${part}`,
        [`features/${feature}`],
        `no part of a feature imports another but ${COMMON.join(' and ')}; what two need moves there or down, and they meet in the page`,
        [part, ...COMMON.slice(COMMON.indexOf(part) + 1)].map((each) => `./${each}`),
      ),
    ),
  ]
}
