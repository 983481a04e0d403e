import { Boxes, Plus } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { EmptyPanel } from '@/components/ui/panels'
import { useLock } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'

/** What is said, and offered, where nothing is drawn yet. */
export function NothingDrawn() {
  const { stores } = useOpenWorkflow()
  const locked = useLock()
  return (
    <div className="pointer-events-none absolute inset-0 grid place-items-center">
      <div className="pointer-events-auto">
        <EmptyPanel
          icon={Boxes}
          title="Nothing is drawn yet"
          action={
            locked === null && (
              <Button
                variant="primary"
                icon={Plus}
                onClick={() =>
                  stores.canvas.setState({
                    asked: {
                      kind: 'add',
                      point: { x: window.innerWidth / 2 - 144, y: window.innerHeight / 3 },
                      from: null,
                    },
                  })
                }
              >
                Add a node
              </Button>
            )
          }
        >
          {locked ??
            'A node is a part of the application, such as a Deployment or a Service. Add one from the palette, by a double-click, or with the key A.'}
        </EmptyPanel>
      </div>
    </div>
  )
}
