import { useQuery } from '@tanstack/react-query'
import { CopyButton } from '@/components/ui/copy-button'
import { ErrorPanel } from '@/components/ui/panels'
import { Loading, Skeleton } from '@/components/ui/skeleton'
import { toApiError } from '@/lib/api/error'
import type { GraphNode } from '../graph/types'
import { useWorkflow } from '../open/hooks'
import { Nothing } from '@/components/objects/part'
import { yamlQuery } from '@/api/manifests'

/** What the compiler makes of the node; values of secrets are masked. */
export function YamlTab({ node }: { node: GraphNode }) {
  const workflow = useWorkflow()
  const { data, error, refetch, isFetching } = useQuery(yamlQuery(workflow.id, workflow.revision))
  if (error)
    return (
      <ErrorPanel
        error={toApiError(error)}
        what="the YAML"
        onRetry={() => void refetch()}
        busy={isFetching}
      />
    )
  if (data === undefined) {
    return (
      <Loading label="Loading the YAML">
        <Skeleton className="h-64 w-full" />
      </Loading>
    )
  }
  const documents = data.get(node.id) ?? []
  if (documents.length === 0) return <Nothing>It makes no objects as it is. Its issues say why.</Nothing>
  const text = documents.join('\n---\n')
  return (
    <div className="relative">
      <div className="absolute top-1 right-1">
        <CopyButton text={text} label="Copy YAML" />
      </div>
      <pre
        // scrolled by keys
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        aria-label="YAML"
        className="overflow-x-auto rounded-control border border-line bg-sunken p-3 whitespace-pre"
      >
        {text}
      </pre>
    </div>
  )
}
