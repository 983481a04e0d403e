import { expect, it } from 'vitest'
import { servedCatalogue, starterGraph } from './catalogue.fixture'
import { manifestNodes } from './manifests'

const catalogue = servedCatalogue()
const web = 'apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    name: other\n  name: web\nspec: {}\n'

it('makes a node of each document, which holds it as it stands', () => {
  const text = `# two of them\n${web}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: flow}\n`
  const nodes = manifestNodes(text, starterGraph(), catalogue, { x: 0, y: 0 })
  expect(nodes.map(({ type, data }) => [type, data.name])).toEqual([
    ['manifest', 'web'],
    ['manifest', 'manifest'],
  ])
  expect(nodes[0]?.data.manifest).toContain('kind: Pod')
  expect(nodes[1]?.data.manifest).toContain('metadata: {name: flow}')
  expect(nodes[0]?.position).not.toEqual(nodes[1]?.position)
})

it('gives each a name of its own', () => {
  const nodes = manifestNodes(`${web}---\n${web}`, starterGraph(), catalogue, { x: 0, y: 0 })
  expect(nodes.map(({ data }) => data.name)).toEqual(['web', 'web-2'])
})

it('makes nothing where no type holds manifests', () => {
  const bare = { ...catalogue, types: new Map() }
  expect(manifestNodes(web, starterGraph(), bare, { x: 0, y: 0 })).toEqual([])
})
