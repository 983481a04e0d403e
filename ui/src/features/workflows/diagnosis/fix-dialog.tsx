import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { DiffView } from '@/components/objects/diff-view'
import { FormProblem } from '@/components/form/server-errors'
import { Button } from '@/components/ui/button'
import { Dialog, DialogActions, DialogBody } from '@/components/ui/dialog'
import { Banner, ErrorPanel } from '@/components/ui/panels'
import { Loading, Skeleton } from '@/components/ui/skeleton'
import { announce } from '@/lib/a11y/announce'
import type { Schema } from '@/lib/api/client'
import { toApiError } from '@/lib/api/error'
import { useGraph, useWorkflow } from '../open/hooks'
import { reloadWorkflow } from '@/api/workflows'
import type { GraphNode } from '../graph/types'
import { itemsOf } from '@/components/objects/plan-item'
import { ObjectHead, Why } from '@/components/objects/object-parts'
import { partsOf } from './describe'
import { applyFixMutation, fixQuery, type Fix, type Fixed } from '@/api/diagnosis'

interface FixDialogProps {
  node: GraphNode
  fix: Fix
  onDone: (fixed: Fixed) => void
  onClose: () => void
}

/** A fix is looked at, and then exactly that is done. */
export function FixDialog(props: FixDialogProps) {
  const { fix, onClose } = props
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={fix.title}
      description={
        fix.how === 'graph'
          ? 'The graph is changed and saved. Nothing reaches the cluster before you run it.'
          : 'This is done on the cluster at once. The graph stays as it is.'
      }
    >
      <Content {...props} />
    </Dialog>
  )
}

function Content({ node, fix, onDone, onClose }: FixDialogProps) {
  const workflow = useWorkflow()
  const queries = useQueryClient()
  const [changed, setChanged] = useState(false)
  const preview = useQuery(fixQuery(workflow.id, node.id, fix.type))
  const { refetch } = preview
  const { mutate, error, isPending, reset } = useMutation({
    ...applyFixMutation(workflow.id, node.id, fix.type),
    onSuccess: async (fixed) => {
      announce(fixed.done.join(' '))
      await reloadWorkflow(queries, workflow.id)
      onDone(fixed)
    },
    onError: async (cause) => {
      if (toApiError(cause).status !== 409) return
      setChanged(true)
      await reloadWorkflow(queries, workflow.id)
      await refetch()
      reset()
    },
  })
  const problem = error === null ? null : toApiError(error)
  const shown = preview.error === null ? preview.data : undefined
  const main = useRef<HTMLButtonElement>(null)
  const ready = shown !== undefined
  useEffect(() => {
    if (ready) main.current?.focus()
  }, [ready])
  return (
    <>
      <DialogBody className="grid grid-cols-[minmax(0,1fr)] gap-4">
        {changed && (
          <Banner tone="warn" alert>
            The ground has changed since you looked, and nothing was done. Below is what the fix does now.
          </Banner>
        )}
        {problem !== null && problem.status !== 409 && <FormProblem error={problem} />}
        {preview.error !== null && !preview.isFetching ? (
          <ErrorPanel
            error={toApiError(preview.error)}
            what="what the fix does"
            onRetry={() => void refetch()}
          />
        ) : shown === undefined ? (
          <Loading label="The cluster is asked what the fix does">
            <p className="text-dense text-text-muted">
              The cluster is asked what the next run would do. Nothing is changed.
            </p>
            <Skeleton className="mt-3 h-20 w-full" />
          </Loading>
        ) : (
          <Shown preview={shown} />
        )}
      </DialogBody>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          ref={main}
          variant={fix.how === 'graph' ? 'primary' : 'danger'}
          busy={isPending}
          disabled={!ready || preview.isFetching}
          onClick={() => shown !== undefined && mutate(shown.digest)}
        >
          {fix.how === 'graph' ? 'Change the graph' : 'Do it now'}
        </Button>
      </DialogActions>
    </>
  )
}

/** Exactly what it would do: in the graph, by the next run, on the cluster. */
function Shown({ preview }: { preview: Schema<'FixPreview'> }) {
  const { nameOf } = useGraph()
  const { graph, objects, acts } = preview
  return (
    <>
      {acts.length > 0 && (
        <Titled title="On the cluster, at once">
          <ul className="grid gap-1 text-dense">
            {acts.map((act) => (
              <li key={act} className="wrap-anywhere">
                {act}
              </li>
            ))}
          </ul>
        </Titled>
      )}
      {partsOf(graph).map(({ path, nodeId, changes }) => {
        const title = nodeId === null ? 'In the graph: a wire' : `In the graph: ${nameOf(nodeId)}`
        return (
          <Titled key={path} title={title}>
            <DiffView label={title} changes={changes} />
          </Titled>
        )
      })}
      {objects.length > 0 && (
        <Titled title="What the next run would then do, as the cluster says">
          <ul className="grid gap-3">
            {itemsOf(objects).map((item) => (
              <li key={item.object} className="grid grid-cols-[minmax(0,1fr)] gap-2">
                <ObjectHead object={item} action={item.action} />
                <Why item={item} />
                {item.diff.length > 0 && <DiffView label={`Changes of ${item.object}`} changes={item.diff} />}
              </li>
            ))}
          </ul>
        </Titled>
      )}
    </>
  )
}

function Titled({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="grid grid-cols-[minmax(0,1fr)] gap-1.5">
      <h2 className="text-meta font-semibold text-text-muted">{title}</h2>
      {children}
    </section>
  )
}
