import { describe, expect, it } from 'vitest'
import type { Schema } from '@/lib/api/client'
import { sharedFixture } from '@/testing/shared-fixture'
import { edge, servedCatalogue, starterGraph } from './catalogue.fixture'
import type { Place } from './edits'
import { graphOf } from './graph'
import type { EdgeType } from './verdicts'
import { inTheWay, judgeOf } from './verdicts'

type End = { node_id: string; handle?: string | null }
type Case = {
  name: string
  graph: string
  source: End
  target: End
  edge_type?: EdgeType
  expected: { ok: boolean; rules?: string[]; code?: string; remedy?: string }
}
type Served = Pick<Schema<'PublicWorkflow'>, 'nodes' | 'edges'>

const { graphs, cases } = sharedFixture<{ graphs: Record<string, Served>; cases: Case[] }>('verdicts.json')
const catalogue = servedCatalogue()

function place({ node_id: nodeId, handle = null }: End): Place {
  return { nodeId, handle }
}

describe('the cases that the server keeps as well', () => {
  it.each(cases.map((each) => [each.name, each] as const))('%s', (_name, each) => {
    const served = graphs[each.graph]
    if (served === undefined) throw new Error(`There is no graph ${each.graph}.`)
    const verdict = judgeOf(graphOf(served), catalogue)(
      place(each.source),
      place(each.target),
      each.edge_type,
    )
    const told = verdict.ok
      ? { ok: true, rules: verdict.rules.map((rule) => rule.id) }
      : { ok: false, code: verdict.code, ...(verdict.remedy && { remedy: verdict.remedy.action }) }
    expect(told).toEqual(each.expected)
  })
})

it('tells every refusal in a sentence', () => {
  const judge = judgeOf(starterGraph(), catalogue)
  const at = (nodeId: string): Place => ({ nodeId, handle: null })
  expect(judge(at('web'), at('service'))).toMatchObject({
    message: 'A Service connects to a Deployment, not the other way round.',
  })
  expect(judge(at('service'), at('web'))).toMatchObject({
    message: 'starter and starter are connected like this.',
  })
})

it('finds all that a new wire would replace', () => {
  const graph = starterGraph()
  const rule = catalogue.rules.get('service-selects')
  if (rule === undefined) throw new Error('no such rule')
  const [source, target] = [
    { nodeId: 'service', handle: null },
    { nodeId: 'other', handle: null },
  ]
  expect(inTheWay(graph, rule, source, target, catalogue)).toEqual(['service-web'])
  expect(inTheWay({ ...graph, edges: [edge('x', 'a', 'b')] }, rule, source, target, catalogue)).toEqual([])
})

it('takes an order as it is asked for only', () => {
  const judge = judgeOf(starterGraph(), catalogue)
  const ends = [
    { nodeId: 'config', handle: null },
    { nodeId: 'service', handle: null },
  ] as const
  expect(judge(...ends)).toMatchObject({ ok: false })
  expect(judge(...ends, 'depends_on')).toMatchObject({ ok: true })
})
