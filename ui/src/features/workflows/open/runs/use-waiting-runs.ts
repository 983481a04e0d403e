import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useOpenWorkflow } from '../open-workflow'
import { runsQuery } from '../../canvas/queries'
import { dispatch } from './run-store'

/** Learn which runs wait behind the active one; from then on the stream tells of them. */
export function useWaitingRuns(): void {
  const { workflow, stores } = useOpenWorkflow()
  const { data } = useQuery({ ...runsQuery(workflow.id), enabled: workflow.active_run_id !== null })
  useEffect(() => {
    for (const run of data ?? []) if (run.head.waiting) dispatch(stores.run, { type: 'document', run })
  }, [data, stores])
}
