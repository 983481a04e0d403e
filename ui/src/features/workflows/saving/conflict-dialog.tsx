import { useMemo, useState } from 'react'
import { Button } from '@/components/ui/button'
import { ConfirmDialog, Dialog, DialogActions, DialogBody } from '@/components/ui/dialog'
import { Time } from '@/components/ui/time'
import { toast } from '@/components/ui/toast'
import { count } from '@/lib/format/numbers'
import type { Base } from '../draft/draft-store'
import { changesBetween, type GraphChanges } from '../graph/changes'
import { merge, type Choice, type Clash } from '../graph/merge'
import { nameOf } from '../graph/mirrors'
import type { Graph } from '../graph/types'
import { useDraft } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { ChangeList } from './change-list'
import { ClashList } from './clash-list'
import { SaveCopy } from './save-copy'
import { useFirstFocus } from './use-first-focus'
import { useSaveState, useSavingState } from './use-saving'

/** Opens when what is drawn cannot be saved because somebody else has saved meanwhile. */
export function ConflictDialog() {
  const { saving } = useOpenWorkflow()
  const isConflict = useSaveState().kind === 'conflict'
  const behind = useDraft((drawn) => drawn.behind)
  const { other } = useSavingState()
  if (!isConflict || behind === null) return null
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && saving.putOff()}
      title={`${other?.name || 'Somebody else'} has saved meanwhile`}
      description="Your changes are drawn here and saved nowhere yet. Nothing is lost, whatever you choose."
      wide
    >
      <Decision key={behind.revision} theirs={behind} at={other?.at ?? null} />
    </Dialog>
  )
}

/** The three graphs of a conflict. */
type Sides = { base: Graph; mine: Graph; theirs: Graph }

function Decision({ theirs, at }: { theirs: Base; at: string | null }) {
  const { draft, saving } = useOpenWorkflow()
  const base = useDraft((drawn) => drawn.base)
  const mine = useDraft(({ history }) => history.present)
  const [copying, setCopying] = useState(false)
  const sides = useMemo(() => ({ base: base.graph, mine, theirs: theirs.graph }), [base, mine, theirs])
  if (copying) {
    // a copy has what was drawn here, so that here is what is saved
    const onSaved = () => saving.goOnFrom('Take theirs', theirs.graph)
    return <SaveCopy onBack={() => setCopying(false)} onSaved={onSaved} />
  }
  return (
    <Comparison
      sides={sides}
      when={
        <>
          Revision {theirs.revision}
          {at !== null && (
            <>
              , <Time at={at} />
            </>
          )}
          . You began with revision {draft.getState().base.revision}.
        </>
      }
      onCopy={() => setCopying(true)}
    />
  )
}

interface ComparisonProps {
  sides: Sides
  when: React.ReactNode
  onCopy: () => void
}

function Comparison({ sides, when, onCopy }: ComparisonProps) {
  const { keeper, saving } = useOpenWorkflow()
  const [choices, setChoices] = useState<ReadonlyMap<string, Choice>>(new Map())
  const [overwriting, setOverwriting] = useState(false)
  const changes = useMemo(
    () => ({
      mine: changesBetween(sides.base, sides.mine),
      theirs: changesBetween(sides.base, sides.theirs),
    }),
    [sides],
  )
  const { graph, clashes } = useMemo(
    () => merge(sides.base, sides.mine, sides.theirs, choices),
    [sides, choices],
  )
  const open = clashes.filter(({ key }) => !choices.has(key)).length
  const keepBoth = () => {
    saving.goOnFrom('Keep both', graph)
    void saving.save()
  }
  const takeTheirs = async () => {
    try {
      await keeper.setAside()
    } catch {
      toast.failed(
        'This browser cannot keep your changes. Undo brings them back as long as the page is open.',
      )
    }
    saving.goOnFrom('Take theirs', sides.theirs)
  }
  return (
    <>
      <DialogBody className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <p className="text-dense text-text-muted">{when}</p>
        <div className="grid gap-4 sm:grid-cols-2">
          <Side title="Your changes" changes={changes.mine} />
          <Side title="Their changes" changes={changes.theirs} />
        </div>
        {clashes.length > 0 && <Clashes {...{ sides, clashes, choices, setChoices }} />}
      </DialogBody>
      <DialogActions>
        <Button ref={useFirstFocus()} onClick={onCopy}>
          Save as copy
        </Button>
        <Button variant="danger" onClick={() => setOverwriting(true)}>
          Overwrite
        </Button>
        <Button onClick={() => void takeTheirs()}>Take theirs</Button>
        <Button
          variant="primary"
          refused={open > 0 && `Choose mine or theirs first: ${count(open, 'clash', 'clashes')} left.`}
          onClick={keepBoth}
        >
          Keep both
        </Button>
      </DialogActions>
      <ConfirmDialog
        open={overwriting}
        onOpenChange={setOverwriting}
        title="Overwrite their changes?"
        action="Overwrite"
        onConfirm={() => void saving.overwrite()}
      >
        <p>What is drawn here replaces what they have saved. These changes of theirs go:</p>
        <ChangeList label="Changes that go" changes={changes.theirs} />
      </ConfirmDialog>
    </>
  )
}

function Side({ title, changes }: { title: string; changes: GraphChanges }) {
  return (
    <section className="grid min-w-0 auto-rows-min grid-cols-[minmax(0,1fr)] gap-2">
      <h3 className="text-dense font-semibold">{title}</h3>
      <ChangeList label={title} changes={changes} />
    </section>
  )
}

interface ClashesProps {
  sides: Sides
  clashes: readonly Clash[]
  choices: ReadonlyMap<string, Choice>
  setChoices: (choices: ReadonlyMap<string, Choice>) => void
}

function Clashes({ sides, clashes, choices, setChoices }: ClashesProps) {
  const graphs = [sides.mine, sides.theirs, sides.base]
  const called = (nodeId: string) => {
    const node = graphs.flatMap(({ nodes }) => nodes).find(({ id }) => id === nodeId)
    return nameOf(node?.data ?? {}, nodeId)
  }
  const wireOf = (edgeId: string) => {
    const edge = graphs.flatMap(({ edges }) => edges).find(({ id }) => id === edgeId)
    return edge === undefined ? 'Wire' : `${called(edge.source)} → ${called(edge.target)}`
  }
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <h3 className="text-dense font-semibold">Changed by both</h3>
      <ClashList
        clashes={clashes}
        choices={choices}
        onChoose={(key, choice) => setChoices(new Map([...choices, [key, choice]]))}
        called={({ of, id }) => (of === 'node' ? called(id) : wireOf(id))}
        nameOf={called}
      />
    </section>
  )
}
