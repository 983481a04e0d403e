import { useEffect } from 'react'
import { RouterProvider } from 'react-router-dom'
import { createQueryClient } from '@/lib/api/query-client'
import { startSession } from '@/lib/auth/session'
import { applyPrefs } from '@/lib/storage/prefs'
import { AppBoundary } from './boundaries'
import { Providers } from './providers'
import { createRouter } from './router'

const queryClient = createQueryClient()
const router = createRouter()
void startSession()

/** The whole interface. */
export function App() {
  useEffect(applyPrefs, [])
  return (
    <AppBoundary>
      <Providers queryClient={queryClient}>
        <RouterProvider router={router} />
      </Providers>
    </AppBoundary>
  )
}
