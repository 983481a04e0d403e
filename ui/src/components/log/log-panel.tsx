import { ArrowDownToLine, Download } from 'lucide-react'
import { useEffect, useRef, useState, type UIEvent } from 'react'
import { Button, IconButton } from '@/components/ui/button'
import { CopyButton } from '@/components/ui/copy-button'
import { Select } from '@/components/ui/input'
import { saveFile } from '@/lib/files/save-file'
import { cx } from '@/lib/format/classes'
import { count } from '@/lib/format/numbers'
import { clockOf, filtered, logText, type LogEntry } from './log-text'

const ROW = 22
const AROUND = 20
/** Nearer to the end than this counts as being there. */
const NEAR = 8

const LEVELS: Record<string, string> = { warning: 'text-status-warn', error: 'text-status-bad' }

interface LogPanelProps {
  logs: readonly LogEntry[]
  nameOf: (nodeId: string) => string
  onNode: (nodeId: string) => void
  /** How it is called when it is downloaded. */
  fileName: string
}

/** What a run has said, line by line; follows its end until one scrolls away. */
export function LogPanel({ logs, nameOf, onNode, fileName }: LogPanelProps) {
  const [nodeId, setNodeId] = useState<string | null>(null)
  const lines = filtered(logs, nodeId)
  const spoken = [...new Set(logs.flatMap((entry) => (entry.nodeId === null ? [] : [entry.nodeId])))]
  const download = () => saveFile(fileName, new Blob([logText(logs, nameOf)], { type: 'text/plain' }))
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex shrink-0 items-center gap-2 px-3 pb-2">
        <Select
          aria-label="Lines of"
          value={nodeId ?? ''}
          onChange={(event) => setNodeId(event.target.value === '' ? null : event.target.value)}
          className="w-44"
        >
          <option value="">All nodes</option>
          {spoken.map((id) => (
            <option key={id} value={id}>
              {nameOf(id)}
            </option>
          ))}
        </Select>
        <span className="text-meta text-text-muted">{count(lines.length, 'line')}</span>
        <span className="grow" />
        <CopyButton text={logText(lines, nameOf)} label="Copy log" />
        <IconButton icon={Download} label="Download log" onClick={download} />
      </div>
      <Lines key={nodeId ?? ''} lines={lines} nameOf={nameOf} onNode={onNode} />
    </div>
  )
}

interface LinesProps {
  lines: readonly LogEntry[]
  nameOf: (nodeId: string) => string
  onNode: (nodeId: string) => void
}

/** Only the lines in view are in the page, whatever their number. */
function Lines({ lines, nameOf, onNode }: LinesProps) {
  const box = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ top: 0, height: 400 })
  /** How many lines there were when one scrolled away from the end; null while following. */
  const [left, setLeft] = useState<number | null>(null)
  const following = left === null
  useEffect(() => {
    if (following && box.current !== null) box.current.scrollTop = box.current.scrollHeight
  }, [following, lines.length])
  const scrolled = ({ currentTarget: { scrollTop, clientHeight, scrollHeight } }: UIEvent) => {
    setView({ top: scrollTop, height: clientHeight })
    const atEnd = scrollHeight - scrollTop - clientHeight < NEAR
    setLeft((before) => (atEnd ? null : (before ?? lines.length)))
  }
  const first = Math.max(0, Math.floor(view.top / ROW) - AROUND)
  const last = Math.min(lines.length, Math.ceil((view.top + view.height) / ROW) + AROUND)
  const fresh = left === null ? 0 : lines.length - left
  return (
    <div className="relative min-h-0 grow">
      <div
        ref={box}
        onScroll={scrolled}
        role="log"
        aria-live="off"
        aria-label="Log of the run"
        // scrolled by keys
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className="h-full overflow-auto border-t border-line bg-sunken font-mono text-mono"
      >
        <ol style={{ height: lines.length * ROW }} className="relative min-w-max">
          {lines.slice(first, last).map(({ at, level, nodeId, text }, index) => (
            <li
              key={first + index}
              style={{ top: (first + index) * ROW, height: ROW }}
              className={cx('absolute flex items-center gap-3 px-3 whitespace-pre', LEVELS[level])}
            >
              <time dateTime={at} className="text-text-muted">
                {clockOf(at)}
              </time>
              <span className="w-14 shrink-0 font-medium max-sm:hidden">{level}</span>
              {nodeId === null ? (
                <span className="w-32 shrink-0 text-text-muted max-sm:w-20">–</span>
              ) : (
                <button
                  type="button"
                  tabIndex={-1}
                  onClick={() => onNode(nodeId)}
                  className="w-32 shrink-0 truncate text-left max-sm:w-20 font-medium hover:underline"
                >
                  {nameOf(nodeId)}
                </button>
              )}
              <span>{text}</span>
            </li>
          ))}
        </ol>
      </div>
      {!following && (
        <Button
          icon={ArrowDownToLine}
          onClick={() => setLeft(null)}
          className="absolute right-4 bottom-3 shadow-float"
          aria-live="polite"
        >
          {fresh > 0 ? count(fresh, 'new line') : 'Follow'}
        </Button>
      )}
    </div>
  )
}
