import { formatAbsolute, formatRelative } from '@/lib/time/time'
import { useNow } from '@/lib/time/use-now'
import { Tooltip } from './tooltip'

/** A moment: relative, with the whole date at pointer and in the markup. */
export function Time({ at, className }: { at: string; className?: string }) {
  const now = useNow()
  const moment = Date.parse(at)
  return (
    <Tooltip text={formatAbsolute(moment)}>
      <time dateTime={at} className={className}>
        {formatRelative(moment, now)}
      </time>
    </Tooltip>
  )
}
