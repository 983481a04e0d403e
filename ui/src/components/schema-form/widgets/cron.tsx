import { lookup } from '@/lib/schema/conditions'
import { nextTimes, readCron } from '@/lib/time/cron'
import { useNow } from '@/lib/time/use-now'
import { useForm, type WidgetProps } from '../form-state'
import { parentOf, pointerTo } from '../model'
import { aboutSeconds } from '../readings'
import { MonoWidget } from './text'
import { inputText, placeholderOf } from './values'

const TIMES = 5
/** The field beside a schedule that says on whose clocks it is due. */
const ZONE = 'time_zone'
const MINUTE_MS = 60_000

/** A schedule, and when it is due next. */
export function CronWidget(props: WidgetProps) {
  const { field, value, control } = props
  const { value: all } = useForm()
  const id = `${control.id}-times`
  const zone = lookup(all, pointerTo(parentOf(field.path), ZONE))
  const text = inputText(value) || placeholderOf(field)
  const described = [control['aria-describedby'], id].filter(Boolean).join(' ')
  return (
    <>
      <MonoWidget {...props} control={{ ...control, 'aria-describedby': described }} />
      <div id={id} className="text-meta text-text-muted">
        <NextTimes text={text} zone={typeof zone === 'string' && zone !== '' ? zone : 'UTC'} />
      </div>
    </>
  )
}

function NextTimes({ text, zone }: { text: string; zone: string }) {
  const now = useNow(MINUTE_MS)
  const read = readCron(text)
  if (text === '') return null
  if ('problem' in read) return <p>No schedule yet: {read.problem}</p>
  if ('every' in read)
    return <p>Every {aboutSeconds(read.every) || `${read.every} s`}, counted from the last time.</p>
  const times = nextTimes(read.schedule, { after: now, zone, count: TIMES })
  if (times === null) return <p>The zone “{zone}” is not known here, so the next times are not either.</p>
  if (times.length === 0) return <p>Never due: no month has such a day.</p>
  return (
    <>
      <p>Next, on the clocks of {zone}:</p>
      <ol className="tabular-nums">
        {times.map((each) => (
          <li key={each}>
            <time dateTime={new Date(each).toISOString()}>{shown(each, zone)}</time>
          </li>
        ))}
      </ol>
    </>
  )
}

/** "Wed, Dec 2, 2026, 03:00". */
function shown(moment: number, zone: string): string {
  return new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(moment)
}
