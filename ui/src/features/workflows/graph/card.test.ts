import { describe, expect, it } from 'vitest'
import { servedCatalogue, starterGraph } from './catalogue.fixture'
import { cardModel, formatted, lookupAll, plain } from './card'
import { wiredValues } from './mirrors'

const catalogue = servedCatalogue()

function card(id: string) {
  const graph = starterGraph()
  const node = graph.nodes.find((item) => item.id === id)
  if (!node) throw new Error(`no node ${id}`)
  const wired = wiredValues(graph, catalogue).get(id) ?? []
  return cardModel(node, catalogue.types.get(node.type), { namespace: 'shop', wired })
}

describe('cardModel', () => {
  it('shows a deployment', () => {
    expect(card('web')).toEqual({
      id: 'web',
      title: 'starter',
      kind: 'Deployment',
      namespace: 'shop',
      icon: 'box',
      known: true,
      rows: [
        { label: 'Image', text: 'kubeorch-starter:1', full: 'localhost/kubeorch-starter:1', wired: false },
        { label: 'Replicas', text: '2', full: '2', wired: false },
      ],
    })
  })

  it('shows what a wire gives', () => {
    expect(card('service').rows.at(-1)).toEqual({
      label: 'Selects',
      text: 'starter',
      full: 'starter',
      wired: true,
    })
  })

  it('shows a type this server does not know by its name, without rows', () => {
    const node = { id: 'n1', type: 'hologram', position: { x: 0, y: 0 }, data: {}, parent: null }
    const model = cardModel(node, undefined, { namespace: 'shop', wired: [] })
    expect(model).toMatchObject({ title: 'n1', kind: 'hologram', icon: '', known: false, rows: [] })
  })

  it('takes the node’s own namespace, else the wired one, else that of the workflow', () => {
    const node = { id: 'n1', type: 'deployment', position: { x: 0, y: 0 }, data: {}, parent: null }
    const type = catalogue.types.get('deployment')
    const wired = [{ path: '/namespace', value: 'team', mode: 'set' as const, from: 'team', nodeId: 'other' }]
    expect(cardModel(node, type, { namespace: 'shop', wired }).namespace).toBe('team')
    expect(
      cardModel({ ...node, data: { namespace: 'own' } }, type, { namespace: 'shop', wired }).namespace,
    ).toBe('own')
    expect(
      cardModel({ ...node, data: { namespace: '' } }, type, { namespace: 'shop', wired: [] }).namespace,
    ).toBe('shop')
  })

  it('adds appended values to its own', () => {
    const node = { id: 'p', type: 'networkpolicy', position: { x: 0, y: 0 }, data: {}, parent: null }
    const wired = [
      { path: '/pod_selector', value: 'web', mode: 'append' as const, from: 'web', nodeId: 'other' },
      { path: '/pod_selector', value: 'db', mode: 'append' as const, from: 'db', nodeId: 'other' },
    ]
    const model = cardModel(node, catalogue.types.get('networkpolicy'), { namespace: 'shop', wired })
    expect(model.rows).toEqual([{ label: 'Protects', text: 'web, db', full: 'web, db', wired: true }])
  })
})

describe('formatted', () => {
  it.each([
    ['image', ['registry.example.com:5000/team/web:1.2'], 'web:1.2'],
    ['image', ['nginx'], 'nginx'],
    ['image', ['a/web@sha256:0123456789abcdef'], 'web@sha256:0123456'],
    ['image', ['a/web:1@sha256:0123456789abcdef'], 'web:1'],
    ['percent', [80], '80 %'],
    ['flag', [true], 'yes'],
    ['flag', [false], null],
    ['keys', [{ A: '1', B: '2' }], 'A, B'],
    ['keys', ['A'], 'A'],
    ['map', [{ a: 1, b: true }], 'a=1, b=yes'],
    ['map', ['web'], 'web'],
    ['list', [80, 443, 8080, 9090, 9091], '80, 443, 8080 +2'],
    ['list', [['a', 'b']], 'a, b'],
    ['number', [0], '0'],
    ['of-tomorrow', ['x'], 'x'],
    ['text', [], null],
    ['text', ['', null, undefined], null],
  ])('%s of %j', (format, values, expected) => {
    expect(formatted(values, format)?.text ?? null).toBe(expected)
  })
})

describe('lookupAll', () => {
  it('follows stars through lists and objects', () => {
    const data = { ports: [{ port: 80 }, { port: 443 }, {}], map: { a: { x: 1 }, b: { x: 2 } } }
    expect(lookupAll(data, '/ports/*/port')).toEqual([80, 443])
    expect(lookupAll(data, '/ports/1/port')).toEqual([443])
    expect(lookupAll(data, '/ports/9')).toEqual([])
    expect(lookupAll(data, '/ports/x')).toEqual([])
    expect(lookupAll(data, '/map/*/x')).toEqual([1, 2])
    expect(lookupAll(data, '/ports/*/port/*')).toEqual([])
    expect(lookupAll(data, '/none')).toEqual([])
    expect(lookupAll(data, '')).toEqual([data])
  })
})

it('writes any value in one line', () => {
  expect([
    plain('a'),
    plain(1.5),
    plain(true),
    plain(false),
    plain(null),
    plain(undefined),
    plain({ a: [1] }),
  ]).toEqual(['a', '1.5', 'yes', 'no', '', '', '{"a":[1]}'])
})
