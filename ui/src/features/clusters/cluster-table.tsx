import { useMutation } from '@tanstack/react-query'
import { RotateCw, ShieldOff, Star, Trash2 } from 'lucide-react'
import { refreshClusterMutation, setDefaultClusterMutation, type Cluster } from '@/api/clusters'
import { StatusMark } from '@/components/status/status-mark'
import { Cell, Head, Row, Table } from '@/components/table/table'
import { ActionsMenu, MenuItem, MenuLine } from '@/components/ui/menu'
import { Time } from '@/components/ui/time'
import { toast } from '@/components/ui/toast'
import { Tooltip } from '@/components/ui/tooltip'
import { toApiError } from '@/lib/api/error'
import { count, formatLatency } from '@/lib/format/numbers'
import { AUTH_TYPES } from '@/lib/format/words'

interface ClusterTableProps {
  clusters: Cluster[]
  onDelete: (cluster: Cluster) => void
}

/** The list as a table, and as cards where the page is narrow. */
export function ClusterTable({ clusters, onDelete }: ClusterTableProps) {
  return (
    <>
      <div className="hidden md:block">
        <Table caption="Clusters">
          <thead>
            <tr>
              <Head className="w-[34%]">Name</Head>
              <Head className="w-[26%]">Status</Head>
              <Head className="w-32">Version</Head>
              <Head className="w-20">Nodes</Head>
              <Head className="w-20 text-right">Latency</Head>
              <Head className="w-28">Checked</Head>
              <Head className="w-12">
                <span className="sr-only">Actions</span>
              </Head>
            </tr>
          </thead>
          <tbody>
            {clusters.map((cluster) => (
              <Row key={cluster.id}>
                <Cell className="py-2">
                  <Name cluster={cluster} />
                </Cell>
                <Cell>
                  <Health cluster={cluster} />
                </Cell>
                <Cell className="truncate">{cluster.version || <Nothing />}</Cell>
                <Cell>{cluster.node_count ?? <Nothing />}</Cell>
                <Cell className="tabular text-right whitespace-nowrap">
                  <Latency cluster={cluster} />
                </Cell>
                <Cell className="whitespace-nowrap text-text-muted">
                  <Checked cluster={cluster} />
                </Cell>
                <Cell>
                  <Actions cluster={cluster} onDelete={onDelete} />
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      </div>
      <ul aria-label="Clusters" className="md:hidden">
        {clusters.map((cluster) => (
          <li
            key={cluster.id}
            className="grid grid-cols-[minmax(0,1fr)] gap-2 border-t border-line px-4 py-3 first:border-t-0"
          >
            <div className="flex items-start gap-2">
              <div className="min-w-0 grow">
                <Name cluster={cluster} />
              </div>
              <span className="-my-1 -mr-2">
                <Actions cluster={cluster} onDelete={onDelete} />
              </span>
            </div>
            <Health cluster={cluster} />
            <p className="flex flex-wrap gap-x-3 text-meta text-text-muted">
              {cluster.version && <span>{cluster.version}</span>}
              {cluster.node_count != null && <span>{count(cluster.node_count, 'node')}</span>}
              {cluster.status === 'connected' && <Latency cluster={cluster} />}
              <span>
                Checked <Checked cluster={cluster} />
              </span>
            </p>
          </li>
        ))}
      </ul>
    </>
  )
}

function Name({ cluster }: { cluster: Cluster }) {
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className="truncate text-body font-medium">{cluster.name}</span>
        {cluster.is_default && <Tag>Default</Tag>}
        {cluster.local && <Tag>This machine</Tag>}
        {cluster.simulated && (
          <Tooltip text="Its nodes are simulated: objects are real, but no container runs.">
            {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the words must be in reach of the keyboard */}
            <span tabIndex={0} className="rounded-full">
              <Tag>Simulated nodes</Tag>
            </span>
          </Tooltip>
        )}
      </p>
      <p className="flex items-center gap-1.5 text-meta text-text-muted">
        <span className="truncate">{cluster.server}</span>
        <span className="shrink-0">· {AUTH_TYPES[cluster.auth_type] ?? cluster.auth_type}</span>
      </p>
      {cluster.insecure_skip_tls_verify && (
        <p className="mt-0.5 flex items-center gap-1 text-meta font-medium text-status-warn">
          <ShieldOff aria-hidden size={13} className="shrink-0" />
          Certificate not verified
        </p>
      )}
    </>
  )
}

function Tag({ children }: { children: string }) {
  return (
    <span className="inline-flex h-5 items-center rounded-full border border-line-strong px-1.5 text-meta whitespace-nowrap text-text-muted">
      {children}
    </span>
  )
}

function Nothing() {
  return (
    <span className="text-text-muted">
      <span aria-hidden>–</span>
      <span className="sr-only">not known</span>
    </span>
  )
}

function Health({ cluster }: { cluster: Cluster }) {
  return (
    <div>
      <StatusMark
        state={cluster.status ?? 'unknown'}
        word={cluster.last_checked_at ? undefined : 'Not checked yet'}
      />
      {cluster.status_reason && cluster.status !== 'connected' && (
        <p className="mt-1 line-clamp-2 text-meta break-words text-text-muted" title={cluster.status_reason}>
          {cluster.status_reason}
        </p>
      )}
    </div>
  )
}

function Latency({ cluster }: { cluster: Cluster }) {
  if (cluster.latency_ms == null || cluster.status !== 'connected') return <Nothing />
  return <span>{formatLatency(cluster.latency_ms)}</span>
}

function Checked({ cluster }: { cluster: Cluster }) {
  return cluster.last_checked_at ? <Time at={cluster.last_checked_at} /> : <>never</>
}

function Actions({ cluster, onDelete }: { cluster: Cluster; onDelete: (cluster: Cluster) => void }) {
  const onError = (cause: Error) => toast.failed(toApiError(cause).message)
  const refresh = useMutation({
    ...refreshClusterMutation(cluster.id),
    onSuccess: () => toast.done(`${cluster.name} was checked.`),
    onError,
  })
  const makeDefault = useMutation({
    ...setDefaultClusterMutation(cluster.id),
    onSuccess: () => toast.done(`New workflows go to ${cluster.name}.`),
    onError,
  })
  return (
    <ActionsMenu of={cluster.name}>
      <MenuItem icon={RotateCw} onSelect={() => refresh.mutate()}>
        Check now
      </MenuItem>
      {!cluster.is_default && (
        <MenuItem icon={Star} onSelect={() => makeDefault.mutate()}>
          Make it the default
        </MenuItem>
      )}
      <MenuLine />
      <MenuItem icon={Trash2} danger onSelect={() => onDelete(cluster)}>
        Delete…
      </MenuItem>
    </ActionsMenu>
  )
}
