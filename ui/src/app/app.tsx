import { RouterProvider } from 'react-router-dom'
import { router } from '@/app/router'

/** The whole interface. */
export function App() {
  return <RouterProvider router={router} />
}
