import { beforeEach, describe, expect, it } from 'vitest'
import { createStore } from 'zustand/vanilla'
import { createDraft, type Draft } from '../draft/draft-store'
import { servedCatalogue, starterGraph } from '../graph/catalogue.fixture'
import { ruleOf } from '../graph/graph'
import { groupAround } from '../graph/groups'
import { nameOf } from '../graph/mirrors'
import type { Graph, GraphNode, NodeType, Rule } from '../graph/types'
import { createCanvasStore, type CanvasStore } from './canvas-store'
import { createEditing, type Editing } from './editing'
import type { GraphState } from './open-workflow'

const catalogue = servedCatalogue()
let draft: Draft
let canvas: CanvasStore
let lock: string | null
let editing: Editing

function begin(graph: Graph, limits = { nodes: 100, edges: 100 }) {
  draft = createDraft({ revision: 1, graph })
  canvas = createCanvasStore()
  lock = null
  const state = (): GraphState => {
    const drawn = draft.getState().history.present
    const found = (id: string) => drawn.nodes.find((node) => node.id === id)
    return {
      graph: drawn,
      catalogue,
      limits,
      wired: new Map(),
      nameOf: (id) => nameOf(found(id)?.data ?? {}, id),
    }
  }
  const graphView = createStore<GraphState>(state)
  draft.subscribe(() => graphView.setState(state()))
  editing = createEditing({ draft, graph: graphView, canvas, locked: () => lock })
}

const drawn = () => draft.getState().history.present
const labels = () => draft.getState().history.past.map(({ label }) => label)
const place = (nodeId: string, handle: string | null = null) => ({ nodeId, handle })

function typeNamed(name: string): NodeType {
  const type = catalogue.types.get(name)
  if (type === undefined) throw new Error(`no type ${name}`)
  return type
}

function node(id: string, type: string, data: Record<string, unknown> = {}, x = 0): GraphNode {
  return { id, type, position: { x, y: 0 }, data: { name: id, ...data }, parent: null }
}

function rulesDrawn(): (string | undefined)[] {
  return drawn().edges.map((edge) => ruleOf(edge, catalogue)?.id)
}

beforeEach(() => begin(starterGraph()))

describe('adding', () => {
  it('puts a node where there is room, chooses it and shows it', () => {
    editing.add(typeNamed('secret'), { x: 440, y: 160 })
    const made = drawn().nodes.at(-1)
    expect(made).toMatchObject({ type: 'secret', data: { name: 'secret-1' } })
    expect(made?.position).not.toEqual({ x: 440, y: 160 })
    expect(canvas.getState()).toMatchObject({ activeId: made?.id, wantedId: made?.id })
    expect(canvas.getState().selection.nodes).toEqual(new Set([made?.id]))
    expect(labels()).toEqual(['Add secret-1'])
  })

  it('wires it to where the wire came from, in the same step', () => {
    editing.add(typeNamed('configmap'), { x: 0, y: 600 }, { at: place('web'), end: 'target' })
    expect(drawn().edges.at(-1)).toMatchObject({ target: 'web', data: { rule: 'config-env' } })
    draft.undo()
    expect(drawn()).toEqual(starterGraph())
  })

  it('stops at what a workflow may have', () => {
    begin(starterGraph(), { nodes: 3, edges: 9 })
    editing.add(typeNamed('secret'), { x: 0, y: 0 })
    expect(drawn().nodes).toHaveLength(3)
  })
})

describe('a refusal', () => {
  function remedy(graph: Graph, source: string, target: string) {
    begin(graph)
    const verdict = editing.judge(place(source), place(target))
    if (verdict.ok) throw new Error('it is allowed')
    editing.remedy(verdict, place(source), place(target))
    return verdict.code
  }

  it('is reversed', () => {
    const graph = { nodes: [node('db', 'deployment'), node('front', 'service')], edges: [] }
    expect(remedy(graph, 'db', 'front')).toBe('reversed')
    expect(drawn().edges).toMatchObject([
      { source: 'front', target: 'db', data: { rule: 'service-selects' } },
    ])
    expect(labels()).toEqual(['Reverse'])
  })

  it('replaces the wire that is in the way', () => {
    const graph = starterGraph()
    graph.nodes.push(node('other', 'deployment'))
    expect(remedy(graph, 'service', 'other')).toBe('source-full')
    expect(drawn().edges.map(({ source, target }) => `${source} ${target}`)).toEqual([
      'config web',
      'service other',
    ])
  })

  it('puts a node between, wired on both sides', () => {
    const graph = { nodes: [node('edge', 'ingress'), node('web', 'deployment', {}, 900)], edges: [] }
    expect(remedy(graph, 'edge', 'web')).toBe('no-rule')
    const middle = drawn().nodes.at(-1)
    expect(middle).toMatchObject({ type: 'service', position: { x: 448 } })
    expect(drawn().edges.map(({ source, target }) => [source, target])).toEqual([
      ['edge', middle?.id],
      [middle?.id, 'web'],
    ])
  })

  it('moves to the namespace of the other', () => {
    const graph = {
      nodes: [node('front', 'service'), node('far', 'deployment', { namespace: 'away' })],
      edges: [],
    }
    expect(remedy(graph, 'front', 'far')).toBe('namespace')
    expect(drawn().nodes[0]?.data.namespace).toBe('away')
    expect(rulesDrawn()).toEqual(['service-selects'])
  })

  it('changes the field that is in the way, at the end that has it', () => {
    const mail = node('mail', 'service', { type: 'ExternalName', external_name: 'mail.example.com' })
    expect(remedy({ nodes: [mail, node('web', 'deployment')], edges: [] }, 'mail', 'web')).toBe(
      'external-name',
    )
    expect(drawn().nodes[0]?.data.type).toBe('ClusterIP')
    expect(rulesDrawn()).toEqual(['service-selects'])
    remedy({ nodes: [node('edge', 'ingress'), mail], edges: [] }, 'edge', 'mail')
    expect(drawn().nodes[1]?.data.type).toBe('ClusterIP')
    expect(rulesDrawn()).toEqual(['ingress-serves'])
  })
})

describe('a wire whose end is put elsewhere', () => {
  function rule(id: string): Rule {
    const found = catalogue.rules.get(id)
    if (found === undefined) throw new Error(`no rule ${id}`)
    return found
  }

  it('keeps its options by the same rule, and takes the defaults of another', () => {
    const graph = starterGraph()
    graph.nodes.push(node('other', 'deployment'))
    begin(graph)
    editing.configure('config-web', 'Change prefix', (data) => ({ ...data, prefix: 'APP_' }))
    editing.reattach('config-web', rule('config-env'), place('config'), place('other'))
    expect(drawn().edges[1]).toMatchObject({ target: 'other', data: { rule: 'config-env', prefix: 'APP_' } })
    editing.reattach('config-web', rule('config-files'), place('config'), place('other'))
    expect(drawn().edges[1]?.data).toEqual({ rule: 'config-files', mount_path: '/etc/config' })
  })

  it('is judged as if it were not there', () => {
    expect(editing.judge(place('service'), place('web'))).toMatchObject({ ok: false })
    expect(editing.judgeWithout('service-web', place('service'), place('web'))).toMatchObject({ ok: true })
  })
})

it('moves what stands in a group with the group', () => {
  const framed = groupAround(starterGraph(), new Set(['web']), 'Front')
  if (framed === null) throw new Error('nothing is framed')
  begin(framed.edit(starterGraph()))
  const group = drawn().nodes.find(({ id }) => id === framed.id)
  editing.nudge(new Set([framed.id]), { x: 80, y: 8 }, null)
  expect(drawn().nodes.find(({ id }) => id === 'web')?.position).toEqual({ x: 520, y: 168 })
  expect(group?.position.x).toBeLessThan(440)
})

it('names its steps by what was done', () => {
  editing.move(new Map([['web', { x: 0, y: 0 }]]))
  editing.nudge(new Set(['web', 'config']), { x: 8, y: 0 }, null)
  editing.change('web', 'Change image', (data) => ({ ...data, image: 'a' }), '/image')
  editing.change('web', 'Change image', (data) => ({ ...data, image: 'ab' }), '/image')
  editing.remove({ nodes: new Set(), edges: new Set(['config-web']) })
  editing.remove({ nodes: new Set(['web']), edges: new Set() })
  expect(labels()).toEqual([
    'Move starter',
    'Move 2 nodes',
    'Change image',
    'Delete 1 wire',
    'Delete starter',
  ])
})

it('changes nothing of a graph that is locked', () => {
  lock = 'It is archived.'
  editing.add(typeNamed('secret'), { x: 0, y: 0 })
  editing.remove({ nodes: new Set(['web']), edges: new Set() })
  editing.move(new Map([['web', { x: 0, y: 0 }]]))
  expect(drawn()).toEqual(starterGraph())
})
