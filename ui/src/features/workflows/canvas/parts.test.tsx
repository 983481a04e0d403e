import { act, render } from '@testing-library/react'
import { Position, ReactFlowProvider } from '@xyflow/react'
import { describe, expect, it } from 'vitest'
import { servedCatalogue } from '../graph/catalogue.fixture'
import { graphOf } from '../graph/graph'
import { makePublicWorkflow, makeStatus, makeRun } from '../open/live.fixture'
import { readRun } from '@/api/read-run'
import { dispatch } from '../open/runs/run-store'
import { MinimapNode } from './minimap-node'
import { createStores, OpenWorkflowContext, type OpenWorkflow } from '../open/open-workflow'
import { readStatuses } from '../open/status'
import { replaceAll } from '../open/status-store'
import { Wire } from './wire'

function open(): OpenWorkflow {
  const workflow = makePublicWorkflow()
  return {
    workflow,
    graph: graphOf(workflow),
    catalogue: servedCatalogue(),
    wired: new Map(),
    issues: [],
    stores: createStores(),
    show: () => undefined,
    nameOf: (id) => id,
  }
}

function draw(context: OpenWorkflow, child: React.ReactNode) {
  return render(
    <ReactFlowProvider>
      <OpenWorkflowContext value={context}>
        <svg>{child}</svg>
      </OpenWorkflowContext>
    </ReactFlowProvider>,
  )
}

function MapNode({ id }: { id: string }) {
  return (
    <MinimapNode
      id={id}
      x={0}
      y={0}
      width={240}
      height={120}
      className=""
      borderRadius={0}
      shapeRendering=""
      selected={false}
    />
  )
}

describe('the map', () => {
  it.each([
    ['healthy', 'circle[r="28"]'],
    ['progressing', 'circle[stroke-dasharray="120 44"]'],
    ['degraded', 'path'],
    ['error', 'rect[width="56"]'],
    ['missing', 'circle[stroke-dasharray="16 12"]'],
    ['unknown', 'circle[r="22"]'],
  ])('shows %s by a shape of its own', (state, shape) => {
    const context = open()
    replaceAll(context.stores.status, readStatuses([makeStatus('web', { state })]))
    const { container } = draw(context, <MapNode id="web" />)
    expect(container.querySelector(shape)).toBeInTheDocument()
  })

  it('shows what is stale as not known', () => {
    const context = open()
    replaceAll(
      context.stores.status,
      readStatuses([makeStatus('web', { stale_since: '2026-01-31T12:00:00Z' })]),
    )
    const { container } = draw(context, <MapNode id="web" />)
    expect(container.querySelector('circle[r="22"]')).toBeInTheDocument()
  })
})

describe('a wire', () => {
  const ends = {
    source: 'web',
    target: 'db',
    sourceX: 0,
    sourceY: 0,
    targetX: 100,
    targetY: 0,
    sourcePosition: Position.Right,
    targetPosition: Position.Left,
  }

  it('is marked while its order is waited for', () => {
    const context = open()
    const { container } = draw(
      context,
      <Wire id="e" type="wire" {...ends} data={{ line: 'order', label: 'starts after', awaits: 'db' }} />,
    )
    const wire = container.querySelector('[data-wire="e"]')
    expect(wire).not.toHaveAttribute('data-waiting')
    expect(container.querySelector('.wire-core')).toBeInTheDocument()
    const run = readRun(
      makeRun({ status: 'running', node_states: { db: { state: 'waiting', message: '' } } }),
    )
    act(() => {
      if (run !== null) dispatch(context.stores.run, { type: 'document', run })
    })
    expect(wire).toHaveAttribute('data-waiting')
  })

  it('is drawn also when its rule is not known', () => {
    const { container } = draw(open(), <Wire id="e" type="wire" {...ends} />)
    expect(container.querySelector('[data-line="unknown"]')).toBeInTheDocument()
  })
})
