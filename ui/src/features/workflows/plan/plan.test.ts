import { describe, expect, it, test } from 'vitest'
import { consentOf, joined, verdictOf } from './consent'
import { optionsOf, sameOptions, USUAL } from '../open/plans/options'
import { firstOf, groupsOf, marksOf } from '@/components/objects/plan-groups'
import { ACTIONS } from '@/components/objects/actions'
import { itemOf, type PlanItem } from '@/components/objects/plan-item'
import { NO_PLAN, reduce } from '../open/plans/machine'
import { documentOf } from './object-yaml'

function item(action: PlanItem['action'], change: Partial<PlanItem> = {}): PlanItem {
  const name = change.name ?? action
  return {
    ...itemOf({
      index: 0,
      wave: 0,
      node_id: 'web',
      object: `Deployment shop/${name}`,
      kind: 'Deployment',
      namespace: 'shop',
      name,
      action,
    }),
    ...change,
  }
}

const ground = (items: PlanItem[], change: Partial<Parameters<typeof verdictOf>[0]> = {}) => ({
  items,
  answers: {},
  planned: USUAL,
  wanted: USUAL,
  expired: false,
  ...change,
})
const yes = (...items: PlanItem[]) => Object.fromEntries(items.map(({ object }) => [object, true as const]))

const conflict = item('conflict', {
  needs: 'takeover',
  conflicts: [
    { field: '.spec.replicas', manager: 'kubectl' },
    { field: '.spec.replicas', manager: 'hpa' },
    { field: '.spec.paused', manager: 'kubectl' },
  ],
})
const foreign = item('conflict', { name: 'foreign', needs: 'adopt' })
const replace = item('replace', { needs: 'replace' })
const kept = item('keep', { needs: 'delete' })

describe('items', () => {
  it('are grouped by what is done, what needs people first', () => {
    const items = [item('unchanged'), item('create'), item('create', { name: 'b' }), conflict]
    expect(groupsOf(items).map(({ action, items: members }) => [action, members.length])).toEqual([
      ['conflict', 1],
      ['create', 2],
      ['unchanged', 1],
    ])
    expect(firstOf(items)).toBe(conflict)
    expect(firstOf([item('unchanged')])).toBeNull()
  })

  it('mark the cards of their nodes with what matters most', () => {
    const items = [
      item('create'),
      conflict,
      item('update'),
      item('create', { nodeId: null }),
      item('keep', { nodeId: 'b' }),
    ]
    expect(marksOf(items)).toEqual({ web: ACTIONS.conflict, b: ACTIONS.keep })
  })
})

describe('consent', () => {
  it('names what was agreed to, each as it was asked for', () => {
    const items = [conflict, foreign, replace, kept, item('create')]
    expect(consentOf(items, yes(...items))).toEqual({
      takeover: [{ object: conflict.object, fields: ['.spec.replicas', '.spec.paused'] }],
      adopt: [foreign.object],
      replace: [replace.object],
      delete: [kept.object],
    })
    expect(consentOf(items, {})).toEqual({ takeover: [], adopt: [], replace: [], delete: [] })
  })

  it('goes on from plan to plan', () => {
    const first = consentOf([conflict, foreign], yes(conflict, foreign))
    const second = consentOf([foreign, replace], yes(foreign, replace))
    expect(joined(first, second)).toEqual({
      takeover: first.takeover,
      adopt: [foreign.object],
      replace: [replace.object],
      delete: [],
    })
  })
})

describe('the verdict', () => {
  test.each([
    ['changes alone', ground([item('create'), item('update'), item('prune'), item('unchanged')]), 3, null],
    ['nothing', ground([item('unchanged'), item('keep')]), 0, 'There is nothing to apply.'],
    ['an open conflict', ground([conflict, item('create')]), 1, '1 object waits for your answer.'],
    ['two open questions', ground([conflict, replace]), 0, '2 objects wait for your answer.'],
    ['an answered conflict', ground([conflict, item('create')], { answers: yes(conflict) }), 2, null],
    ['an answered replacement', ground([replace], { answers: yes(replace) }), 1, null],
    ['a replacement that needs no answer', ground([item('replace')]), 1, null],
    ['data to delete', ground([kept], { answers: yes(kept) }), 1, null],
    [
      'an object to adopt',
      ground([foreign], { answers: yes(foreign) }),
      1,
      'Plan again, to see what adopting changes.',
    ],
    [
      'a denied object',
      ground([item('denied'), item('create')]),
      1,
      '1 object cannot be applied (⊘). Change the graph, then plan again.',
    ],
    [
      'an old plan',
      ground([item('create')], { expired: true }),
      1,
      'The plan is too old: the cluster may have changed. Plan again.',
    ],
    [
      'other options',
      ground([item('create')], { wanted: { ...USUAL, node_seconds: 60 } }),
      1,
      'Plan again, so that the plan is made with these options.',
    ],
  ])('on %s', (_, given, changes, refused) => {
    expect(verdictOf(given)).toMatchObject({ changes, refused })
  })

  it('knows when there is nothing to do, and when a new plan helps', () => {
    expect(verdictOf(ground([item('unchanged')]))).toMatchObject({ nothing: true, again: false })
    expect(verdictOf(ground([item('invalid')]))).toMatchObject({ nothing: false, again: false })
    expect(verdictOf(ground([foreign], { answers: yes(foreign) })).again).toBe(true)
    expect(verdictOf(ground([], { expired: true })).again).toBe(true)
  })

  it('stops at a namespace that may not be made', () => {
    const namespace = item('create', { nodeId: null, name: 'shop', kind: 'Namespace' })
    const own = { ...USUAL, create_namespaces: false }
    expect(verdictOf(ground([namespace])).refused).toBeNull()
    expect(verdictOf(ground([namespace], { planned: own, wanted: own })).refused).toContain('namespace shop')
  })
})

describe('what a person does with plans', () => {
  const answered = reduce(
    reduce({ ...NO_PLAN, runId: 'run-1' }, { type: 'answer', object: 'a', given: true }),
    { type: 'option', change: { rollback_on_failure: true } },
  )

  it('keeps options from plan to plan, and answers for one alone', () => {
    const asking = reduce(answered, { type: 'ask', asked: { kind: 'rollback', version: 1 } })
    expect(asking).toMatchObject({ asking: true, answers: {}, options: { rollback_on_failure: true } })
    expect(reduce(asking, { type: 'ask', asked: { kind: 'saved' } })).toBe(asking)
    expect(reduce(asking, { type: 'asked', runId: 'run-2' })).toMatchObject({ asking: false, runId: 'run-2' })
    const refusal = { code: 'run-active', message: 'No.', issues: [] }
    expect(reduce(asking, { type: 'refused', refusal })).toMatchObject({ asking: false, refusal })
  })

  it('takes an answer back', () => {
    expect(reduce(answered, { type: 'answer', object: 'a', given: false }).answers).toEqual({})
  })

  it('begins anew with a plan that is opened, and goes on with the one that is open', () => {
    const opened = { type: 'opened', asked: { kind: 'saved' }, options: USUAL } as const
    expect(reduce(answered, { ...opened, runId: 'run-1' })).toBe(answered)
    expect(reduce(answered, { ...opened, runId: 'run-2' })).toMatchObject({ runId: 'run-2', answers: {} })
  })

  it('says why confirming was refused, until it is tried again', () => {
    const refused = reduce(reduce(answered, { type: 'confirm' }), {
      type: 'confirm-refused',
      code: 'plan-changed',
      message: 'Look again.',
    })
    expect(refused).toMatchObject({ confirming: false, problem: { code: 'plan-changed' } })
    expect(reduce(refused, { type: 'confirm' })).toMatchObject({ confirming: true, problem: null })
    expect(reduce(refused, { type: 'confirmed' }).confirming).toBe(false)
  })
})

test('options of a run are those that people are offered', () => {
  expect(optionsOf(null)).toEqual(USUAL)
  const found = optionsOf({ create_namespaces: false, rollback_on_failure: true, node_seconds: 9, rerun: [] })
  expect(found).toEqual({ create_namespaces: false, rollback_on_failure: true, node_seconds: 9 })
  expect(sameOptions(found, { ...found })).toBe(true)
  expect(sameOptions(found, USUAL)).toBe(false)
})

test('the YAML of an object is found among those of its node', () => {
  const service =
    'apiVersion: v1\nkind: Service\nmetadata:\n  labels:\n    name: web\n  name: front\nspec: {}'
  const other = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n'
  const documents = [service, other]
  expect(documentOf(documents, { kind: 'Service', name: 'web' })).toBe(other)
  expect(documentOf(documents, { kind: 'Service', name: 'front' })).toBe(service)
  expect(documentOf(documents, { kind: 'Deployment', name: 'web' })).toBeNull()
})
