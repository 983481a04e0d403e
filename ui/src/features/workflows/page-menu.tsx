import { lazy, Suspense, useState } from 'react'
import { useNavigate } from 'react-router-dom'
import { WorkflowMenu } from './menu/workflow-menu'
import { useWorkflow } from './open/hooks'

// asked for now and then, so they come when they are
const ArchiveWorkflow = lazy(async () => ({
  default: (await import('./list/archive-workflow')).ArchiveWorkflow,
}))
const DeleteWorkflow = lazy(async () => ({
  default: (await import('./list/delete-workflow')).DeleteWorkflow,
}))

/** The menu of the open workflow, with what it asks before something is done. */
export function PageMenu({ onVersions }: { onVersions: () => void }) {
  const workflow = useWorkflow()
  const navigate = useNavigate()
  const [asked, setAsked] = useState<'archive' | 'delete' | null>(null)
  const close = () => setAsked(null)
  return (
    <>
      <WorkflowMenu
        onVersions={onVersions}
        onArchive={() => setAsked('archive')}
        onDelete={() => setAsked('delete')}
      />
      <Suspense fallback={null}>
        {asked === 'archive' && <ArchiveWorkflow workflow={workflow} onClose={close} />}
        {asked === 'delete' && (
          <DeleteWorkflow
            workflow={workflow}
            onClose={close}
            onGone={() => void navigate('/workflows', { replace: true })}
          />
        )}
      </Suspense>
    </>
  )
}
