import { useMutation } from '@tanstack/react-query'
import { ArchiveRestore, ClipboardList } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { FormProblem } from '@/components/form/server-errors'
import { Button } from '@/components/ui/button'
import { Banner } from '@/components/ui/panels'
import { announce } from '@/lib/a11y/announce'
import { toApiError } from '@/lib/api/error'
import { count } from '@/lib/format/numbers'
import { useWorkflow } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { nameOf } from '../graph/mirrors'
import { ListAndDetail } from '@/components/objects/list-and-detail'
import { areComing, groupsOf, nodesToPutBack } from './describe'
import { undoRemovalsMutation, type RemovedObject, type Undone } from '@/api/removals'
import { RemovedDetail } from './removed-detail'
import { RemovedList } from './removed-list'

interface PutBackProps {
  runId: string
  items: readonly RemovedObject[]
}

/** What one run has removed, and the way back onto the canvas. */
export function PutBack({ runId, items }: PutBackProps) {
  const workflow = useWorkflow()
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const chosen = new Set(nodesToPutBack(items).filter((nodeId) => !left.has(nodeId)))
  const undo = useMutation({
    ...undoRemovalsMutation(workflow.id, runId),
    onSuccess: (undone) => announce(backInWords(undone)),
  })
  const choose = (nodeId: string, wanted: boolean) => {
    const after = new Set(left)
    if (wanted) after.delete(nodeId)
    else after.add(nodeId)
    setLeft(after)
  }
  return (
    <>
      {undo.data !== undefined && <Outcome undone={undo.data} />}
      {undo.error !== null && (
        <div className="shrink-0 px-4 pt-3">
          <Problem error={undo.error} />
        </div>
      )}
      <Objects items={items} chosen={chosen} onChoose={choose} />
      <Footer
        items={items}
        chosen={chosen.size}
        busy={undo.isPending}
        onUndo={() => undo.mutate({ revision: workflow.revision, nodes: [...chosen] })}
      />
    </>
  )
}

function Problem({ error }: { error: Error }) {
  const problem = toApiError(error)
  return (
    <FormProblem error={problem}>
      {problem.code === 'revision-conflict'
        ? `Nothing was put back, because somebody has saved meanwhile. You see their graph now; put back again. (${problem.message})`
        : undefined}
    </FormProblem>
  )
}

/** What an undo has put back, and what not. It takes focus from the button, which may be gone. */
function Outcome({ undone }: { undone: Undone }) {
  const { stores } = useOpenWorkflow()
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    box.current?.focus()
    stores.canvas.setState({ wantedId: undone.returned[0] ?? null })
  }, [stores, undone])
  return (
    <div ref={box} tabIndex={-1} className="grid shrink-0 gap-2 border-b border-line px-4 py-3 outline-none">
      {undone.returned.length > 0 && (
        <Banner>{backInWords(undone)} Nothing reaches the cluster before the next run.</Banner>
      )}
      {undone.skipped.length > 0 && (
        <Banner tone="warn">
          <p>Not put back:</p>
          <ul className="list-disc pl-4">
            {undone.skipped.map(({ object, why }) => (
              <li key={object}>
                {object}. {why}
              </li>
            ))}
          </ul>
        </Banner>
      )}
    </div>
  )
}

function backInWords({ returned, workflow }: Undone): string {
  const names = returned.map((id) => nameOf(workflow.nodes.find((node) => node.id === id)?.data ?? {}, id))
  if (names.length === 0) return 'Nothing was put back.'
  return `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} on the canvas again.`
}

type ObjectsProps = Pick<PutBackProps, 'items'> & {
  chosen: ReadonlySet<string>
  onChoose: (nodeId: string, wanted: boolean) => void
}

/** What was removed, and the one of it that is looked at. */
function Objects({ items, chosen, onChoose }: ObjectsProps) {
  const [looked, setLooked] = useState<string | null>(null)
  const [shown, setShown] = useState<'list' | 'item'>('list')
  const selected = items.find(({ object }) => object === looked) ?? groupsOf(items)[0]?.items[0] ?? null
  return (
    <ListAndDetail
      label="Removed objects"
      shown={shown}
      list={
        <RemovedList
          items={items}
          selected={selected}
          onSelect={({ object }) => {
            setLooked(object)
            setShown('item')
          }}
          chosen={chosen}
          onChoose={onChoose}
        />
      }
    >
      {selected !== null && <RemovedDetail item={selected} onBack={() => setShown('list')} />}
    </ListAndDetail>
  )
}

interface FooterProps extends Pick<PutBackProps, 'items'> {
  chosen: number
  busy: boolean
  onUndo: () => void
}

/** What is done with all of it; nothing, where there is nothing to do. */
function Footer({ items, chosen, busy, onUndo }: FooterProps) {
  const { plans } = useOpenWorkflow()
  const can = nodesToPutBack(items).length > 0
  const coming = areComing(items)
  if (!can && !coming) return null
  return (
    <footer className="flex shrink-0 flex-wrap items-center justify-end gap-2 border-t border-line px-4 py-2.5">
      <p className="min-w-0 grow text-meta text-text-muted">
        {can
          ? 'They come back as they were, with their wires and secret values. The graph is saved; nothing reaches the cluster.'
          : 'What is on the canvas is made again by the next run.'}
      </p>
      {coming && (
        <Button
          variant={chosen > 0 ? 'secondary' : 'primary'}
          icon={ClipboardList}
          onClick={() => void plans.plan()}
        >
          Plan the run
        </Button>
      )}
      {can && (
        <Button
          variant={chosen > 0 || !coming ? 'primary' : 'secondary'}
          icon={ArchiveRestore}
          busy={busy}
          refused={chosen === 0 && 'Choose first what is to come back.'}
          onClick={onUndo}
        >
          Put {chosen === 0 ? 'nodes' : count(chosen, 'node')} back on the canvas
        </Button>
      )}
    </footer>
  )
}
