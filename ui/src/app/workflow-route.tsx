import { lazy, Suspense, type ComponentType } from 'react'
import { NotFound } from './not-found'

const found = import.meta.glob<{ WorkflowPage: ComponentType }>('../features/workflows/workflow-page.tsx')
const load = Object.values(found)[0]
const WorkflowPage = load ? lazy(async () => ({ default: (await load()).WorkflowPage })) : NotFound

export function WorkflowRoute() {
  return (
    <Suspense fallback={null}>
      <WorkflowPage />
    </Suspense>
  )
}
