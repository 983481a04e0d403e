import { cx } from '@/lib/format/classes'
import { lifecycleWord } from '@/lib/format/words'

const LOOKS: Record<string, string> = {
  draft: 'border-dashed border-line-strong text-text-muted',
  published: 'border-line-strong text-text',
  archived: 'border-line bg-sunken text-text-muted',
}

/** Where a workflow is in its life. Not a status of anything that runs, so it has no colour. */
export function LifecycleBadge({ status, version }: { status: string; version: number }) {
  return (
    <span
      className={cx(
        'inline-flex h-6 items-center rounded-full border px-2 text-meta font-medium whitespace-nowrap',
        LOOKS[status] ?? LOOKS.draft,
      )}
    >
      {lifecycleWord(status, version)}
    </span>
  )
}
