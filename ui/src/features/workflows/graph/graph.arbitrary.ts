import fc from 'fast-check'
import type { Graph } from './types'

const IDS = ['a', 'b', 'c', 'd', 'e', 'f']
const place = fc.record({ x: fc.integer({ min: -500, max: 500 }), y: fc.integer({ min: -500, max: 500 }) })
const data = fc.dictionary(fc.constantFrom('name', 'image', 'replicas'), fc.oneof(fc.string(), fc.integer()))

/** Any small graph: unique ids, no loose ends. */
export const anyGraph: fc.Arbitrary<Graph> = fc
  .uniqueArray(fc.constantFrom(...IDS), { minLength: 1 })
  .chain((ids) =>
    fc.record({
      nodes: fc.tuple(
        ...ids.map((id) =>
          fc.record({
            id: fc.constant(id),
            type: fc.constantFrom('deployment', 'service', 'group'),
            position: place,
            data,
            parent: fc.constant(null),
          }),
        ),
      ),
      edges: fc.uniqueArray(
        fc.record({
          id: fc.integer({ min: 0, max: 99 }).map((number) => `e${number}`),
          source: fc.constantFrom(...ids),
          sourceHandle: fc.constant(null),
          target: fc.constantFrom(...ids),
          targetHandle: fc.constant(null),
          type: fc.constant('wires'),
          data: fc.constant({}),
        }),
        { selector: (edge) => edge.id, maxLength: 8 },
      ),
    }),
  )

/** Some of the ids that {@link anyGraph} gives to nodes. */
export const someIds: fc.Arbitrary<Set<string>> = fc.subarray(IDS).map((ids) => new Set(ids))

export const anyPlace = place
