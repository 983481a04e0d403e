import { useQueries } from '@tanstack/react-query'
import { Keyboard } from 'lucide-react'
import { lazy, Suspense, useMemo, useState, type ReactNode } from 'react'
import { secretKeysQuery } from '@/api/secrets'
import { IconButton } from '@/components/ui/button'
import { useMediaQuery } from '@/lib/a11y/use-media-query'
import type { Schema } from '@/lib/api/client'
import { cx } from '@/lib/format/classes'
import { NothingDrawn } from './adding/nothing-drawn'
import { PaletteBeside } from './adding/palette-beside'
import { Canvas } from './canvas/canvas'
import { unsetKeys } from './canvas/flow'
import { Outline } from './canvas/outline'
import { Toolbar } from './canvas/toolbar'
import { CanvasMenu } from './commands/canvas-menu'
import { HistoryButtons } from './commands/history-buttons'
import type { Command } from './commands/command'
import { COMMANDS } from './commands/registry'
import { useCommands } from './commands/use-commands'
import { typeOf } from './graph/graph'
import type { GraphNode } from './graph/types'
import { Inspector, isPanel } from './inspector/inspector'
import { useCanvas, useDraft, useGraph, useStatus } from './open/hooks'
import { useOpenWorkflow } from './open/open-workflow'
import { PageMenu } from './page-menu'
import { PlanButton } from './plan/plan-button'
import { Drawer, isDrawerTab } from './run/drawer'
import { RunBar } from './run/run-bar'
import { RunButton } from './run/run-button'
import { SaveState } from './saving/save-state'
import { Saving } from './saving/saving'
import { usePageAddress } from './use-page-address'

// looked at after the graph, so they come after it
const DiagnosisTab = lazy(async () => ({ default: (await import('./diagnosis/diagnosis-tab')).DiagnosisTab }))
const KeySheet = lazy(async () => ({ default: (await import('./commands/key-sheet')).KeySheet }))
const Questions = lazy(async () => ({ default: (await import('./adding/questions')).Questions }))
const WireInspector = lazy(async () => ({
  default: (await import('./inspector/wire-inspector')).WireInspector,
}))
const PlanSheet = lazy(async () => ({ default: (await import('./plan/plan-sheet')).PlanSheet }))
const VersionsSheet = lazy(async () => ({
  default: (await import('./versions/versions-sheet')).VersionsSheet,
}))
const RemovedSheet = lazy(async () => ({ default: (await import('./removed/removed-sheet')).RemovedSheet }))

/** What stands where on the page of a workflow, as its address says. */
export function PageLayout() {
  const query = usePageAddress()
  const { change } = useOpenWorkflow().address
  const { graph } = useGraph()
  const selected = graph.nodes.find((node) => node.id === query.get('node')) ?? null
  const wire = graph.edges.find((edge) => edge.id === query.get('wire')) ?? null
  const narrow = useMediaQuery('(max-width: 599px)')
  const view = query.get('view')
  const outline = view === null ? narrow : view === 'list'
  const sheet = sheetOf(query)
  const [keysShown, setKeysShown] = useState(false)
  const asked = useCanvas((state) => state.asked !== null)
  const commands = useMemo(
    (): Command[] => [
      {
        id: 'outline',
        title: 'Graph or list',
        group: 'See',
        keys: ['O'],
        about: [],
        edits: false,
        run: () => change({ view: outline === narrow ? (narrow ? 'graph' : 'list') : null }),
      },
      {
        id: 'keys',
        title: 'All keys',
        group: 'See',
        keys: ['?'],
        about: ['canvas'],
        edits: false,
        run: () => setKeysShown(true),
      },
    ],
    [change, outline, narrow],
  )
  useCommands(commands)
  return (
    <div className="flex h-full flex-col">
      <Toolbar
        outline={outline}
        onOutline={(list) => change({ view: list === narrow ? null : list ? 'list' : 'graph' })}
        onIssues={() => change({ drawer: 'issues' })}
        onVersions={() => change({ versions: sheet === 'versions' ? null : '', plan: null })}
      >
        <HistoryButtons />
        <IconButton
          icon={Keyboard}
          label="All keys"
          onClick={() => setKeysShown(true)}
          className="max-sm:hidden"
        />
        <SaveState />
        <PlanButton />
        <RunButton />
        <PageMenu onVersions={() => change({ versions: '', plan: null })} />
      </Toolbar>
      <Saving />
      {keysShown && (
        <Suspense fallback={null}>
          <KeySheet commands={[...COMMANDS, ...commands]} onClose={() => setKeysShown(false)} />
        </Suspense>
      )}
      {asked && (
        <Suspense fallback={null}>
          <Questions />
        </Suspense>
      )}
      <div className="relative flex min-h-0 grow">
        {!outline && <PaletteBeside />}
        <div className="flex min-w-0 grow flex-col">
          <div className="relative min-h-0 grow">
            <Drawn outline={outline} planId={query.get('plan')} />
          </div>
          <PageDrawer tab={query.get('drawer')} />
        </div>
        {sheet !== null && <Beside sheet={sheet} query={query} nodeId={selected?.id ?? null} />}
        {selected !== null && sheet === null && (
          <Selected node={selected} panel={query.get('panel')} field={query.get('field')} />
        )}
        {selected === null && wire !== null && sheet === null && (
          <Aside>
            <Suspense fallback={null}>
              <WireInspector edge={wire} onClose={() => change({ wire: null })} />
            </Suspense>
          </Aside>
        )}
      </div>
    </div>
  )
}

type Sheet = 'plan' | 'versions' | 'removed'

/** Which of the sheets beside the graph is open: a plan goes before what else the address names. */
function sheetOf(query: URLSearchParams): Sheet | null {
  return (['plan', 'versions', 'removed'] as const).find((name) => query.get(name) !== null) ?? null
}

/** The graph, as cards or as a list, under the bar of its run. */
function Drawn({ outline, planId }: { outline: boolean; planId: string | null }) {
  const { graph } = useGraph()
  const { change } = useOpenWorkflow().address
  const unset = useUnset()
  const runBar = (
    <RunBar
      shownId={planId}
      onShowLog={() => change({ drawer: 'run' })}
      onShowRemoved={(runId) => change({ removed: runId, versions: null, plan: null })}
    />
  )
  if (outline) {
    return (
      <div className="flex h-full flex-col">
        <div className="px-3 pt-3 empty:hidden">{runBar}</div>
        <div className="min-h-0 grow">
          <Outline />
        </div>
      </div>
    )
  }
  return (
    <CanvasMenu>
      <Canvas unset={unset}>
        <div className="pointer-events-none absolute inset-x-3 top-3 z-10 flex justify-center">
          <div className="w-full max-w-3xl">{runBar}</div>
        </div>
        {graph.nodes.length === 0 && <NothingDrawn />}
      </Canvas>
    </CanvasMenu>
  )
}

function PageDrawer({ tab }: { tab: string | null }) {
  const { change } = useOpenWorkflow().address
  const [height, setHeight] = useState(280)
  if (!isDrawerTab(tab)) return null
  return (
    <Drawer
      tab={tab}
      height={height}
      onHeight={setHeight}
      onTab={(name) => change({ drawer: name })}
      onClose={() => change({ drawer: null })}
    />
  )
}

interface BesideProps {
  sheet: Sheet
  query: URLSearchParams
  nodeId: string | null
}

/** A sheet beside the graph. */
function Beside({ sheet, query, nodeId }: BesideProps) {
  return (
    <div
      className={cx(
        'z-20 border-line bg-surface max-xl:absolute max-xl:inset-0',
        'xl:w-[58%] xl:max-w-300 xl:min-w-160 xl:shrink-0 xl:border-l',
      )}
    >
      <Suspense fallback={null}>{sheetNamed(sheet, query, nodeId)}</Suspense>
    </div>
  )
}

function sheetNamed(sheet: Sheet, query: URLSearchParams, nodeId: string | null): ReactNode {
  switch (sheet) {
    case 'plan':
      return <PlanSheet runId={query.get('plan') ?? ''} nodeId={nodeId} />
    case 'versions':
      return <VersionsSheet query={query} />
    case 'removed':
      return <RemovedSheet runId={query.get('removed') ?? ''} />
  }
}

interface SelectedProps {
  node: GraphNode
  panel: string | null
  field: string | null
}

/** The chosen node in detail. */
function Selected({ node, panel, field }: SelectedProps) {
  // what runs is looked at first, what does not is filled in
  const deployed = useStatus(({ statuses }) => statuses[node.id] !== undefined)
  const { change } = useOpenWorkflow().address
  const close = () => {
    change({ node: null })
    document.querySelector<HTMLElement>(`[data-card-button="${CSS.escape(node.id)}"]`)?.focus()
  }
  return (
    <Aside>
      <Inspector
        node={node}
        diagnosis={
          <Suspense fallback={null}>
            <DiagnosisTab key={node.id} node={node} />
          </Suspense>
        }
        panel={isPanel(panel) ? panel : deployed ? 'status' : 'configure'}
        field={field}
        onPanel={(name) => change({ panel: name })}
        onClose={close}
      />
    </Aside>
  )
}

/** The plane at the right in which something is looked at closely. */
function Aside({ children }: { children: ReactNode }) {
  return (
    <div
      className={cx(
        'z-20 border-line bg-surface',
        'max-sm:absolute max-sm:inset-0 sm:max-xl:absolute sm:max-xl:inset-y-0 sm:max-xl:right-0 sm:max-xl:shadow-float',
        'sm:w-90 sm:border-l xl:shrink-0',
      )}
    >
      {children}
    </div>
  )
}

/** How many keys of each secret have no value yet: a run would need them. */
function useUnset(): ReadonlyMap<string, number> {
  const { id } = useOpenWorkflow()
  const { catalogue } = useGraph()
  // the server knows those that are saved
  const { graph, revision } = useDraft(({ base }) => base)
  const secrets = graph.nodes.filter((node) => typeOf(node, catalogue)?.actions.includes('secret_values'))
  return useQueries({
    queries: secrets.map((node) => secretKeysQuery(id, node.id, revision)),
    combine: combineUnset,
  })
}

function combineUnset(results: { data: Schema<'SecretKeys'> | undefined }[]): Map<string, number> {
  return unsetKeys(results.map((result) => result.data))
}
