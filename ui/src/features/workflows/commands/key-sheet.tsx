import { Dialog, DialogBody } from '@/components/ui/dialog'
import { spelled } from './keys'
import type { Command } from './command'

/** Keys of the canvas that are no commands. */
const WALKING = [
  { title: 'Walk to the nearest card', keys: '← ↑ → ↓' },
  { title: 'Walk along wires', keys: '. ,' },
  { title: 'Choose, or choose no longer', keys: 'Space' },
  { title: 'Choose more while walking', keys: 'Shift ← ↑ → ↓' },
  { title: 'Open the card', keys: 'Enter' },
  { title: 'Choose with a box', keys: 'Shift drag' },
  { title: 'Move the canvas', keys: 'Space drag' },
]

interface KeySheetProps {
  commands: readonly Command[]
  onClose: () => void
}

/** All keys. */
export function KeySheet({ commands, onClose }: KeySheetProps) {
  const apple = /Mac|iPhone|iPad/.test(navigator.userAgent)
  const groups = [...new Set(commands.map(({ group }) => group))]
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Keys" wide>
      <DialogBody className="grid gap-5 sm:grid-cols-2">
        {groups.map((group) => (
          <KeyList
            key={group}
            title={group}
            rows={commands
              .filter((command) => command.group === group && command.keys.length > 0)
              .map(({ title, keys }) => ({
                title,
                keys: keys.map((each) => spelled(each, apple)).join(' or '),
              }))}
          />
        ))}
        <KeyList title="Walk" rows={WALKING} />
      </DialogBody>
    </Dialog>
  )
}

function KeyList({ title, rows }: { title: string; rows: readonly { title: string; keys: string }[] }) {
  return (
    <section>
      <h3 className="pb-1.5 text-dense font-semibold">{title}</h3>
      <dl className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-1 text-dense">
        {rows.map((row) => (
          <div key={row.title} className="contents">
            <dt>{row.title}</dt>
            <dd className="text-right">
              <kbd className="rounded-control border border-line bg-sunken px-1.5 font-mono text-meta">
                {row.keys}
              </kbd>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
