import { ContextMenu } from 'radix-ui'
import { useState, type MouseEvent, type ReactNode } from 'react'
import { useOpenWorkflow, type OpenWorkflow } from '../open/open-workflow'
import { spelled } from './keys'
import { refusalOf, type About } from './command'
import { COMMANDS } from './registry'
import { execute } from './use-commands'

/** The menu of what is under the pointer, or has the focus: the canvas, cards, a wire. */
export function CanvasMenu({ children }: { children: ReactNode }) {
  const open = useOpenWorkflow()
  const [about, setAbout] = useState<About>('canvas')
  const [point, setPoint] = useState({ x: 0, y: 0 })
  const apple = /Mac|iPhone|iPad/.test(navigator.userAgent)
  const begin = (event: MouseEvent) => {
    setAbout(choose(open, event.target))
    setPoint({ x: event.clientX, y: event.clientY })
  }
  return (
    <ContextMenu.Root modal={false}>
      <ContextMenu.Trigger asChild onContextMenu={begin}>
        <div className="size-full">{children}</div>
      </ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Content
          collisionPadding={8}
          className="z-50 min-w-56 animate-fade-in rounded-card border border-line bg-raised p-1 shadow-float"
        >
          {COMMANDS.filter((command) => command.about.includes(about)).map((command) => {
            const refusal = refusalOf(command, open)
            const Icon = command.icon
            return (
              <ContextMenu.Item
                key={command.id}
                disabled={refusal !== null}
                title={refusal ?? undefined}
                onSelect={() => {
                  if (command.id === 'add')
                    open.stores.canvas.setState({ asked: { kind: 'add', point, from: null } })
                  else execute(command, open)
                }}
                className="flex min-h-8 cursor-default items-center gap-2.5 rounded-control px-2.5 py-1 text-dense outline-none select-none data-disabled:opacity-60 data-highlighted:bg-sunken"
              >
                {Icon ? (
                  <Icon aria-hidden size={15} className="shrink-0 text-text-muted" />
                ) : (
                  <span className="w-[15px]" />
                )}
                <span className="grow">{command.title}</span>
                {command.keys[0] !== undefined && (
                  <span className="pl-4 text-meta text-text-muted">{spelled(command.keys[0], apple)}</span>
                )}
              </ContextMenu.Item>
            )
          })}
        </ContextMenu.Content>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  )
}

/** Choose what a menu is asked for, unless it is among what is chosen already. */
function choose({ stores }: OpenWorkflow, target: EventTarget): About {
  if (!(target instanceof Element)) return 'canvas'
  const thing = target.closest<HTMLElement>('[data-card], [data-group], [data-note]')
  const nodeId = thing?.dataset.card ?? thing?.dataset.group ?? thing?.dataset.note
  const { selection } = stores.canvas.getState()
  if (nodeId !== undefined) {
    if (!selection.nodes.has(nodeId))
      stores.canvas.setState({ activeId: nodeId, selection: { nodes: new Set([nodeId]), edges: new Set() } })
    return 'nodes'
  }
  const edgeId = target.closest<HTMLElement>('.react-flow__edge')?.dataset.id
  if (edgeId === undefined) return 'canvas'
  stores.canvas.setState({ selection: { nodes: new Set(), edges: new Set([edgeId]) } })
  return 'wires'
}
