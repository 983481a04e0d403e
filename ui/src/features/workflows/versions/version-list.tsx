import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { GitCompareArrows, History, Pencil, RotateCcw, Trash2, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { More } from '@/components/table/table'
import { Button, IconButton } from '@/components/ui/button'
import { ActionsMenu, MenuItem, MenuLine } from '@/components/ui/menu'
import { EmptyPanel, ErrorPanel } from '@/components/ui/panels'
import { Loading, Skeleton } from '@/components/ui/skeleton'
import { Time } from '@/components/ui/time'
import { toApiError } from '@/lib/api/error'
import { useWorkflow } from '../open/hooks'
import { DeleteVersion } from './delete-version'
import { causeOf, sumOf } from './describe'
import { compareQuery, versionsQuery, type Ref, type VersionItem } from '@/api/versions'
import { RestoreVersion } from './restore-version'
import { VersionForm } from './version-form'
import { useOpenWorkflow } from '../open/open-workflow'

interface VersionListProps {
  onCompare: (from: Ref, to: Ref) => void
}

type Asked = { what: 'edit' | 'restore' | 'delete'; version: VersionItem }

/** All versions, newest first, under what is on the canvas now. */
export function VersionList({ onCompare }: VersionListProps) {
  const { plans } = useOpenWorkflow()
  const workflow = useWorkflow()
  const query = useInfiniteQuery(versionsQuery(workflow.id))
  const [asked, setAsked] = useState<Asked | null>(null)
  const versions = query.data?.pages.flatMap((page) => page.items)
  const close = () => setAsked(null)
  if (versions === undefined) {
    return query.error === null ? (
      <Skeletons />
    ) : (
      <ErrorPanel
        error={toApiError(query.error)}
        what="the versions"
        busy={query.isFetching}
        onRetry={() => void query.refetch()}
      />
    )
  }
  if (versions.length === 0) {
    return (
      <EmptyPanel icon={History} title="No versions yet">
        Every run makes one of the graph that it runs. Keep one yourself to be able to come back to it.
      </EmptyPanel>
    )
  }
  return (
    <div className="min-h-0 grow overflow-y-auto">
      <Saved onCompare={onCompare} />
      <ul aria-label="Versions" className="divide-y divide-line">
        {versions.map((version) => (
          <VersionRow
            key={version.id}
            version={version}
            onCompare={onCompare}
            onAsk={(what) => setAsked({ what, version })}
            onRollback={() => void plans.plan({ kind: 'rollback', version: version.version })}
          />
        ))}
      </ul>
      <div className="border-t border-line">
        <More
          shown={versions.length}
          total={query.data?.pages[0]?.total ?? versions.length}
          noun={versions.length === 1 ? 'version' : 'versions'}
          hasMore={query.hasNextPage}
          busy={query.isFetchingNextPage}
          onMore={() => void query.fetchNextPage()}
        />
      </div>
      {asked?.what === 'edit' && <VersionForm version={asked.version} onClose={close} />}
      {asked?.what === 'restore' && <RestoreVersion version={asked.version} onClose={close} />}
      {asked?.what === 'delete' && <DeleteVersion version={asked.version} onClose={close} />}
    </div>
  )
}

/** How what is saved stands to the newest version. */
function Saved({ onCompare }: Pick<VersionListProps, 'onCompare'>) {
  const workflow = useWorkflow()
  const newest: Ref = `${workflow.current_version}`
  const { data } = useQuery({
    ...compareQuery(workflow.id, newest, 'saved', String(workflow.revision)),
    enabled: workflow.current_version > 0,
  })
  if (data === undefined) return null
  return (
    <div className="flex min-h-12 items-center gap-3 border-b border-line bg-canvas py-2 pr-3 pl-4 text-dense">
      <p className="min-w-0 grow">
        {data.identical ? (
          <>What is saved is v{workflow.current_version}.</>
        ) : (
          <>
            What is saved is no version yet.{' '}
            <span className="text-text-muted">
              {sumOf(data) || 'Settings or secret values differ'} since v{workflow.current_version}.
            </span>
          </>
        )}
      </p>
      {!data.identical && (
        <Button icon={GitCompareArrows} onClick={() => onCompare(newest, 'saved')}>
          Compare
        </Button>
      )}
    </div>
  )
}

interface VersionRowProps extends Pick<VersionListProps, 'onCompare'> {
  version: VersionItem
  onAsk: (what: Asked['what']) => void
  onRollback: () => void
}

function VersionRow({ version, onCompare, onAsk, onRollback }: VersionRowProps) {
  const workflow = useWorkflow()
  const { version: number } = version
  const deployed = workflow.deployed_version === number
  const current = workflow.current_version === number
  return (
    <li className="flex items-start gap-3 py-2.5 pr-3 pl-4">
      <span className="tabular w-10 shrink-0 text-body font-semibold">v{number}</span>
      <div className="min-w-0 grow">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-body">
          {version.name === '' ? (
            <span className="text-text-muted first-letter:uppercase">{causeOf(version)}</span>
          ) : (
            <span className="min-w-0 truncate font-medium">{version.name}</span>
          )}
          {version.tag !== '' && (
            <span className="rounded-full border border-line-strong px-2 font-mono text-mono">
              {version.tag}
            </span>
          )}
          {deployed && <Mark className="bg-status-ok-bg text-status-ok">Deployed</Mark>}
          {current && <Mark className="bg-status-idle-bg text-status-idle">Newest</Mark>}
        </p>
        <p className="text-meta text-text-muted">
          {version.created_by.name} · <Time at={version.created_at} />
          {version.name !== '' && <> · {causeOf(version)}</>}
        </p>
        {version.description !== '' && (
          <p className="mt-0.5 line-clamp-3 text-dense whitespace-pre-wrap wrap-anywhere">
            {version.description}
          </p>
        )}
      </div>
      <div className="flex shrink-0 items-center gap-1">
        <IconButton
          icon={GitCompareArrows}
          label={`Compare v${number} with what is saved`}
          tooltip="Compare with what is saved"
          onClick={() => onCompare(`${number}`, 'saved')}
        />
        <ActionsMenu of={`v${number}`}>
          <MenuItem icon={Pencil} onSelect={() => onAsk('edit')}>
            Name and tag…
          </MenuItem>
          <MenuItem icon={RotateCcw} onSelect={() => onAsk('restore')}>
            Restore onto the canvas…
          </MenuItem>
          {!deployed && (
            <MenuItem icon={Undo2} onSelect={onRollback}>
              Plan the way back to it
            </MenuItem>
          )}
          <MenuLine />
          <MenuItem icon={Trash2} danger onSelect={() => onAsk('delete')}>
            Delete…
          </MenuItem>
        </ActionsMenu>
      </div>
    </li>
  )
}

function Mark({ className, children }: { className: string; children: string }) {
  return <span className={`rounded-full px-2 text-meta font-medium ${className}`}>{children}</span>
}

function Skeletons() {
  return (
    <Loading label="Loading the versions">
      {[0, 1, 2, 3].map((row) => (
        <div key={row} className="flex h-16 items-center gap-4 border-b border-line px-4">
          <Skeleton className="h-5 w-8" />
          <Skeleton className="h-4 w-1/2" />
        </div>
      ))}
    </Loading>
  )
}
