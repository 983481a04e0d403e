import { QueryClient } from '@tanstack/react-query'
import { nodeTypesQuery } from '@/api/node-types'
import { hearStatuses, workflowQuery } from '@/api/workflows'
import { act, render } from '@testing-library/react'
import { Position, ReactFlowProvider } from '@xyflow/react'
import { describe, expect, it } from 'vitest'
import { servedTypes } from '../graph/catalogue.fixture'
import { makePublicWorkflow, makeStatus, makeRun, WORKFLOW_ID } from '../open/live.fixture'
import { readRun } from '@/api/read-run'
import { MinimapNode } from './minimap-node'
import { createOpenWorkflow, OpenWorkflowContext, type OpenWorkflow } from '../open/open-workflow'
import { readStatuses } from '@/api/read-status'
import { Wire } from './wire'

function open(): OpenWorkflow {
  const client = new QueryClient()
  client.setQueryData(workflowQuery(WORKFLOW_ID).queryKey, makePublicWorkflow())
  client.setQueryData(nodeTypesQuery.queryKey, servedTypes())
  return createOpenWorkflow(client, WORKFLOW_ID)
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
    hearStatuses(context.client, WORKFLOW_ID, readStatuses([makeStatus('web', { state })]))
    const { container } = draw(context, <MapNode id="web" />)
    expect(container.querySelector(shape)).toBeInTheDocument()
  })

  it('shows what is stale as not known', () => {
    const context = open()
    hearStatuses(
      context.client,
      WORKFLOW_ID,
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
      if (run !== null) context.run.dispatch({ type: 'document', run })
    })
    expect(wire).toHaveAttribute('data-waiting')
  })

  it('is drawn also when its rule is not known', () => {
    const { container } = draw(open(), <Wire id="e" type="wire" {...ends} />)
    expect(container.querySelector('[data-line="unknown"]')).toBeInTheDocument()
  })
})
