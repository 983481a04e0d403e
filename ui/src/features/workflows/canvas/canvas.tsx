import '@xyflow/react/dist/base.css'
import './canvas.css'
import {
  MiniMap,
  Panel,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore as useFlow,
  type EdgeTypes,
  type NodeTypes,
} from '@xyflow/react'
import { Maximize, Minus, Plus } from 'lucide-react'
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import { IconButton } from '@/components/ui/button'
import { useMediaQuery } from '@/lib/a11y/use-media-query'
import { positionsOf } from '../graph/layout'
import { Card } from './card'
import { detailOf } from './detail'
import { FIT } from './fit'
import { flowEdges, flowNodes, ghostNodes } from './flow'
import { GhostCard } from './ghost-card'
import { MinimapNode } from './minimap-node'
import type { CanvasView } from '../open/canvas-view'
import { useCanvas, useGraph, useIssues, useLock, useWorkflow } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { ConnectionHint, connectionLineOf } from './connection-line'
import { createConnectingStore } from './connecting'
import { GroupFrame } from './group-frame'
import { Guides } from './guides'
import { NoteCard } from './note-card'
import { SearchBar } from './search-bar'
import { useCanvasKeys } from './use-canvas-keys'
import { useCanvasView } from './use-canvas-view'
import { useConnecting } from './use-connecting'
import { useDrawnEdges, useDrawnNodes } from './use-drawn-nodes'
import { useKept } from './use-kept'
import { usePointer } from './use-pointer'
import { Wire } from './wire'

const nodeTypes: NodeTypes = { card: Card, group: GroupFrame, note: NoteCard, ghost: GhostCard }
const edgeTypes: EdgeTypes = { wire: Wire }
const MULTI = ['Control', 'Meta', 'Shift']
/** Lower or slimmer than this there is no room for a map. */
const LOW = 420
const SLIM = 620
const HELP =
  'Arrow keys walk between nodes, full stop and comma follow wires, Enter opens a node, Escape closes it, ' +
  'A adds a node, C connects, M moves, Delete deletes, plus and minus zoom, 1 shows everything, ' +
  'question mark lists all keys.'

interface CanvasProps {
  unset: ReadonlyMap<string, number>
  /** Lies over the upper edge. */
  children?: ReactNode
}

/** The graph as cards and wires, to be drawn. */
export function Canvas(props: CanvasProps) {
  return (
    <ReactFlowProvider>
      <Flow {...props} />
    </ReactFlowProvider>
  )
}

function Flow({ unset, children }: CanvasProps) {
  const workflow = useWorkflow()
  const locked = useLock() !== null
  const { graph } = useGraph()
  const roomy = useMediaQuery('(min-width: 900px)')
  const content = useContent(unset)
  const { nodes, guides, onNodesChange } = useDrawnNodes(content.nodes)
  const { edges, onEdgesChange } = useDrawnEdges(content.edges)
  const positions = useMemo(() => positionsOf(graph), [graph])
  const view = useCanvasView()
  const keys = useCanvasKeys(positions, view)
  const [connecting] = useState(createConnectingStore)
  const [ConnectionLine] = useState(() => connectionLineOf(connecting))
  const drawing = useConnecting(connecting)
  const pointer = usePointer()
  const detail = useFlow((state) => detailOf(state.transform[2]))
  const tight = useFlow((state) => state.height < LOW || state.width < SLIM)
  const moved = useRefit()
  useFirstActive(content.nodes.find((node) => node.type === 'card')?.id ?? null)
  useShownCard(view)
  return (
    // the canvas handles its own keys, and is one stop for Tab: the active card
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      role="application"
      aria-label={`Graph of ${workflow.name}`}
      aria-describedby="canvas-help"
      data-detail={detail}
      data-locked={locked || undefined}
      onKeyDown={keys}
      className="flow relative size-full"
    >
      <p id="canvas-help" className="sr-only">
        {HELP}
      </p>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        onNodesChange={onNodesChange}
        onEdgesChange={onEdgesChange}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        minZoom={0.1}
        maxZoom={2}
        fitView
        fitViewOptions={FIT}
        nodesDraggable={!locked}
        nodesConnectable={!locked}
        edgesReconnectable={!locked}
        nodesFocusable={false}
        edgesFocusable={false}
        elevateNodesOnSelect={false}
        multiSelectionKeyCode={MULTI}
        zoomOnDoubleClick={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        connectionLineComponent={ConnectionLine}
        onMove={moved}
        {...drawing}
        {...pointer}
      >
        <Dots />
        <Guides guides={guides} />
        {roomy && !tight && (
          <MiniMap
            pannable
            zoomable
            ariaLabel="Map of the graph"
            nodeComponent={MinimapNode}
            maskColor="color-mix(in srgb, var(--canvas) 70%, transparent)"
            bgColor="var(--surface)"
          />
        )}
        <ZoomPanel />
      </ReactFlow>
      <ConnectionHint store={connecting} />
      <SearchBar />
      {children}
    </div>
  )
}

/** The cards and wires of the graph; those that look as before are the same. */
function useContent(unset: ReadonlyMap<string, number>) {
  const issues = useIssues()
  const { namespace } = useWorkflow()
  const { graph, catalogue, wired } = useGraph()
  const nodes = useKept(
    useMemo(
      () => flowNodes({ graph, catalogue, wired, issues, namespace, unset }),
      [graph, catalogue, wired, issues, namespace, unset],
    ),
  )
  const edges = useKept(useMemo(() => flowEdges(graph, catalogue), [graph, catalogue]))
  const ghosts = useCanvas((state) => state.ghosts)
  const all = useMemo(
    () => (ghosts.length === 0 ? nodes : [...nodes, ...ghostNodes(ghosts, graph)]),
    [nodes, ghosts, graph],
  )
  return { nodes: all, edges }
}

/** A quiet grid, moved by the same transform as the cards. */
function Dots() {
  const [x, y, zoom] = useFlow((state) => state.transform)
  const size = 24 * zoom
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute inset-0 -z-10"
      style={{
        backgroundImage: 'radial-gradient(var(--line) 1px, transparent 1px)',
        backgroundSize: `${size}px ${size}px`,
        backgroundPosition: `${x}px ${y}px`,
        opacity: zoom < 0.4 ? 0 : 1,
      }}
    />
  )
}

function ZoomPanel() {
  const { zoomIn, zoomOut, zoomTo, fitView } = useReactFlow()
  const percent = useFlow((state) => Math.round(state.transform[2] * 100))
  return (
    <Panel
      position="bottom-left"
      className="flex items-center rounded-card border border-line bg-surface p-0.5 shadow-raised"
    >
      <IconButton icon={Minus} label="Zoom out" onClick={() => void zoomOut()} />
      <button
        type="button"
        aria-label={`Zoom ${percent} %, set to 100 %`}
        onClick={() => void zoomTo(1)}
        className="tabular h-control w-12 rounded-control text-meta text-text-muted hover:bg-sunken"
      >
        {percent} %
      </button>
      <IconButton icon={Plus} label="Zoom in" onClick={() => void zoomIn()} />
      <IconButton icon={Maximize} label="Show everything" onClick={() => void fitView(FIT)} />
    </Panel>
  )
}

/** Show everything again when panels come and go, until somebody has moved the graph; returns what notes that. */
function useRefit(): (event: unknown) => void {
  const { fitView } = useReactFlow()
  const width = useFlow((state) => state.width)
  const height = useFlow((state) => state.height)
  const moved = useRef(false)
  useEffect(() => {
    if (!moved.current && width > 0 && height > 0) void fitView(FIT)
  }, [fitView, width, height])
  // moves by program have no event
  return useCallback((event) => {
    if (event !== null) moved.current = true
  }, [])
}

/** Tab leads to the first card until another was active. */
function useFirstActive(first: string | null): void {
  const { graph } = useGraph()
  const { stores } = useOpenWorkflow()
  useEffect(() => {
    const { activeId } = stores.canvas.getState()
    if (!graph.nodes.some((node) => node.id === activeId)) stores.canvas.setState({ activeId: first })
  }, [stores, graph, first])
}

/** Something outside of the canvas asks for a card: bring it into view. */
function useShownCard({ focus, reveal }: CanvasView): void {
  const { stores } = useOpenWorkflow()
  useEffect(
    () =>
      stores.canvas.subscribe(({ wantedId, wantsFocus }) => {
        if (wantedId === null) return
        stores.canvas.setState({ wantedId: null, wantsFocus: false })
        const show = wantsFocus ? focus : reveal
        // after the panels have made room
        requestAnimationFrame(() => requestAnimationFrame(() => show(wantedId)))
      }),
    [stores, focus, reveal],
  )
}
