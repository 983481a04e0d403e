import { useMutation } from '@tanstack/react-query'
import {
  Archive,
  ArchiveRestore,
  CopyPlus,
  Ellipsis,
  FileDown,
  FolderDown,
  History,
  ListChecks,
  Settings,
  Trash2,
} from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useNavigate } from 'react-router-dom'
import { exportMutation, type ExportFormat } from '@/api/exports'
import { IconButton } from '@/components/ui/button'
import { Menu, MenuHeading, MenuItem, MenuLine } from '@/components/ui/menu'
import { toast } from '@/components/ui/toast'
import { toApiError } from '@/lib/api/error'
import { saveFile } from '@/lib/files/save-file'
import { isClean } from '../draft/draft-store'
import { useWorkflow } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'

// forms weigh more than the menu; they come when they are asked for
const CloneWorkflow = lazy(async () => ({ default: (await import('./clone-workflow')).CloneWorkflow }))

const EXPORTS: readonly { format: ExportFormat; label: string; icon: typeof FileDown }[] = [
  { format: 'yaml', label: 'YAML, to be read back here', icon: FileDown },
  { format: 'kustomize', label: 'Kustomize folder', icon: FolderDown },
  { format: 'helm', label: 'Helm chart', icon: FolderDown },
]

interface WorkflowMenuProps {
  onVersions: () => void
  /** Ask whether it is to be archived, or taken up again. */
  onArchive: () => void
  onDelete: () => void
}

/** What is done with a workflow now and then. */
export function WorkflowMenu({ onVersions, onArchive, onDelete }: WorkflowMenuProps) {
  const workflow = useWorkflow()
  const navigate = useNavigate()
  const [cloning, setCloning] = useState(false)
  const exporting = useExport()
  const archived = workflow.status === 'archived'
  const to = (page: string) => void navigate(`/workflows/${workflow.id}/${page}`)
  return (
    <>
      <Menu trigger={<IconButton icon={Ellipsis} label="More" />}>
        <MenuItem icon={Settings} onSelect={() => to('settings/general')}>
          Settings
        </MenuItem>
        <MenuItem icon={ListChecks} onSelect={() => to('runs')}>
          Runs
        </MenuItem>
        <MenuItem icon={History} onSelect={onVersions}>
          Versions
        </MenuItem>
        <MenuItem icon={CopyPlus} onSelect={() => setCloning(true)}>
          Clone…
        </MenuItem>
        <MenuLine />
        <MenuHeading>
          <span className="text-meta font-medium text-text-muted">Export what is saved</span>
        </MenuHeading>
        {EXPORTS.map(({ format, label, icon }) => (
          <MenuItem key={format} icon={icon} onSelect={() => exporting.mutate(format)}>
            {label}
          </MenuItem>
        ))}
        <MenuLine />
        <MenuItem icon={archived ? ArchiveRestore : Archive} onSelect={onArchive}>
          {archived ? 'Unarchive…' : 'Archive…'}
        </MenuItem>
        <MenuItem icon={Trash2} danger onSelect={onDelete}>
          Delete…
        </MenuItem>
      </Menu>
      <Suspense fallback={null}>{cloning && <CloneWorkflow onClose={() => setCloning(false)} />}</Suspense>
    </>
  )
}

/** Export what is saved; whoever has drawn more since is told that this is not in the file. */
function useExport() {
  const { id, draft } = useOpenWorkflow()
  return useMutation({
    ...exportMutation(id),
    onSuccess: ({ name, content }) => {
      saveFile(name, content)
      const left = isClean(draft.getState()) ? '' : ' What is not saved yet is not in it.'
      toast.done(`${name} is exported. Placeholders stand for secret values.${left}`)
    },
    onError: (cause) => toast.failed(`It was not exported. ${toApiError(cause).message}`),
  })
}
