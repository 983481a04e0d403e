import { describe, expect, it } from 'vitest'
import { servedCatalogue } from './catalogue.fixture'
import { configGroups } from './config-rows'
import { splitYaml } from '@/lib/format/split-yaml'
import type { GraphNode, NodeType } from './types'

const catalogue = servedCatalogue()

function typeOf(name: string): NodeType {
  const type = catalogue.types.get(name)
  if (type === undefined) throw new Error(`no type ${name}`)
  return type
}

function node(type: string, data: Record<string, unknown>): GraphNode {
  return { id: 'n', type, position: { x: 0, y: 0 }, data, parent: null }
}

function row(groups: ReturnType<typeof configGroups>, path: string) {
  return groups.flatMap(({ rows }) => rows).find((item) => item.path === path)
}

describe('configGroups', () => {
  const service = node('service', {
    name: 'web',
    type: 'ClusterIP',
    ports: [{ name: 'http', port: 80, target_port: 'http' }, { port: 443 }],
    labels: { tier: 'front' },
  })

  it('begins with the general fields and names members as the form does', () => {
    const groups = configGroups(service, typeOf('service'), [])
    expect(groups[0]?.group).toBe('general')
    expect(row(groups, '/ports')?.lines).toEqual(['Name http · Port 80 · Target port http', 'Port 443'])
    expect(row(groups, '/labels')?.lines).toEqual(['tier: front'])
    expect(row(groups, '/name')).toMatchObject({ lines: ['web'], from: 'own' })
  })

  it('shows what applies where nothing was entered, and leaves out what says nothing or is hidden', () => {
    const groups = configGroups(node('service', { name: 'web' }), typeOf('service'), [])
    expect(row(groups, '/type')).toMatchObject({ lines: ['ClusterIP'], from: 'default' })
    expect(row(groups, '/external_name')).toBeUndefined()
    expect(row(groups, '/annotations')).toBeUndefined()
  })

  it('shows wired values with who gives them', () => {
    const set = { path: '/selector', value: 'shop', mode: 'set' as const, from: 'shop' }
    expect(row(configGroups(service, typeOf('service'), [set]), '/selector')).toMatchObject({
      lines: ['shop'],
      from: 'wired',
      givers: ['shop'],
    })
    const append = { path: '/env', value: 'all of cfg', mode: 'append' as const, from: 'cfg' }
    const web = node('deployment', { name: 'web', env: [{ name: 'A', value: '1' }] })
    expect(row(configGroups(web, typeOf('deployment'), [append]), '/env')?.lines).toHaveLength(2)
  })

  it('bears a form that says little', () => {
    const bare = {
      ...typeOf('service'),
      schema: {},
      ui: {
        '/x': {},
        '/y': { widget: 'hidden' },
        '/z': { order: 1, title: 'Z', advanced: true, visible_when: 'odd' },
      },
    }
    const groups = configGroups(
      node('service', { x: [{ deep: [{ a: 1 }], list: [1, 2] }], y: 1, z: true }),
      bare,
      [],
    )
    expect(groups).toEqual([
      {
        group: 'general',
        rows: [
          {
            path: '/x',
            label: '',
            help: '',
            lines: ['deep a 1 · list 1, 2'],
            from: 'own',
            givers: [],
            advanced: false,
          },
          { path: '/z', label: 'Z', help: '', lines: ['yes'], from: 'own', givers: [], advanced: true },
        ],
      },
    ])
  })

  it('shows every served type without failing', () => {
    for (const type of catalogue.types.values()) {
      expect(() => configGroups(node(type.type, { ...type.defaults, name: 'x' }), type, [])).not.toThrow()
    }
  })
})

it('parts YAML documents, and nothing inside of them', () => {
  expect(splitYaml('---\na: |\n  ---\n  x\n---\nb: 1\n---  \n')).toEqual(['a: |\n  ---\n  x', 'b: 1'])
})
