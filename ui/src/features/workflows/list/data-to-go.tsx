import { useState } from 'react'
import { TypedName } from '@/components/form/typed-name'
import { count } from '@/lib/format/numbers'
import type { WorkflowInLife } from '@/api/workflows'
import { useHeldData } from './held-data'
import { HeldDataList } from './held-data-list'

/**
 * What holds data and what of it goes as well, with the name that has to be typed before it does.
 * @param asked whether it is a question at all
 */
export function useDataToGo(workflow: WorkflowInLife, asked: boolean) {
  const data = useHeldData(workflow.id, asked)
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set())
  const [typed, setTyped] = useState('')
  const going = asked ? [...ticked] : []
  return {
    ...data,
    going,
    ticked,
    setTicked,
    typed,
    setTyped,
    /** Why it cannot be done yet. */
    refused: going.length > 0 && typed !== workflow.name && `Type ${workflow.name} first.`,
  }
}

interface DataToGoProps {
  workflow: WorkflowInLife
  choice: ReturnType<typeof useDataToGo>
}

/** Asks what of the data is to go. */
export function DataToGo({
  workflow,
  choice: { held, isLoading, going, ticked, setTicked, typed, setTyped },
}: DataToGoProps) {
  return (
    <>
      <HeldDataList held={held} isLoading={isLoading} going={ticked} onChange={setTicked} />
      {going.length > 0 && (
        <div className="text-text">
          <TypedName
            label={`To delete ${count(going.length, 'object')} with data, type ${workflow.name}`}
            help="The data is lost. That cannot be undone."
            value={typed}
            onChange={setTyped}
          />
        </div>
      )}
    </>
  )
}
