import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Panel } from '@/components/page/page'
import { ErrorPanel, StaleBanner } from '@/components/ui/panels'
import { toApiError } from '@/lib/api/error'
import { cx } from '@/lib/format/classes'
import { More } from './table'

interface PagedListProps<Item> {
  query: UseInfiniteQueryResult<InfiniteData<{ items: Item[]; total: number }>>
  /** What one of them is called: "cluster". */
  noun: string
  /** Its shape, while it is loaded. */
  loading: ReactNode
  empty: ReactNode
  children: (items: Item[]) => ReactNode
}

/** A list that comes in pages: loaded, refused, empty, not refreshed since, and the way to the rest of it. */
export function PagedList<Item>({ query, noun, loading, empty, children }: PagedListProps<Item>) {
  const { data, error, refetch } = query
  const items = data?.pages.flatMap((page) => page.items) ?? []
  const total = data?.pages[0]?.total ?? items.length
  const problem = error && toApiError(error)
  const retry = () => void refetch()
  return (
    <>
      {data && problem && <StaleBanner at={query.dataUpdatedAt} error={problem} onRetry={retry} />}
      <Panel className={cx('overflow-hidden transition-opacity', query.isPlaceholderData && 'opacity-70')}>
        {!data &&
          (problem ? (
            <ErrorPanel error={problem} what={`the ${noun}s`} onRetry={retry} busy={query.isFetching} />
          ) : (
            loading
          ))}
        {data && items.length === 0 && empty}
        {items.length > 0 && (
          <>
            {children(items)}
            <div className="border-t border-line">
              <More
                shown={items.length}
                total={total}
                noun={total === 1 ? noun : `${noun}s`}
                hasMore={query.hasNextPage}
                busy={query.isFetchingNextPage}
                onMore={() => void query.fetchNextPage()}
              />
            </div>
          </>
        )}
      </Panel>
    </>
  )
}
