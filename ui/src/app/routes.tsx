import { Navigate, type RouteObject } from 'react-router-dom'
import { RouteBoundary } from './boundaries'
import { Booting, SignedIn, SignedOut } from './guards'
import { NotFound } from './not-found'

/** What a route tells the shell: on `canvas` the page has the whole height and a toolbar of its own. */
export interface RouteHandle {
  layout?: 'canvas'
}

const CANVAS: RouteHandle = { layout: 'canvas' }

/** Every address of the interface. All but the frame is fetched when it is first needed. */
export const routes: RouteObject[] = [
  {
    HydrateFallback: Booting,
    errorElement: <RouteBoundary />,
    children: [
      {
        element: <SignedOut />,
        children: [
          {
            path: '/login',
            lazy: async () => ({ Component: (await import('@/features/auth/login-page')).LoginPage }),
          },
          {
            path: '/signup',
            lazy: async () => ({ Component: (await import('@/features/auth/signup-page')).SignupPage }),
          },
        ],
      },
      {
        element: <SignedIn />,
        children: [
          {
            lazy: async () => ({ Component: (await import('./shell/shell')).Shell }),
            children: [
              {
                errorElement: <RouteBoundary />,
                children: [
                  { path: '/', element: <Navigate to="/workflows" replace /> },
                  {
                    path: '/workflows',
                    lazy: async () => ({
                      Component: (await import('@/features/workflows/list/workflows-page')).WorkflowsPage,
                    }),
                    children: [{ path: 'new', element: null }],
                  },
                  {
                    path: '/workflows/:workflowId',
                    handle: CANVAS,
                    lazy: async () => ({
                      Component: (await import('@/features/workflows/workflow-page')).WorkflowPage,
                    }),
                  },
                  {
                    path: '/workflows/:workflowId/settings',
                    element: <Navigate to="general" replace />,
                  },
                  {
                    path: '/workflows/:workflowId/settings/general',
                    lazy: async () => ({
                      Component: (await import('@/features/workflows/settings/general-page')).GeneralPage,
                    }),
                  },
                  {
                    path: '/workflows/:workflowId/runs',
                    lazy: async () => ({
                      Component: (await import('@/features/workflows/runs/runs-page')).RunsPage,
                    }),
                  },
                  {
                    path: '/workflows/:workflowId/runs/:runId',
                    lazy: async () => ({
                      Component: (await import('@/features/workflows/runs/run-page')).RunPage,
                    }),
                  },
                  {
                    path: '/runs',
                    lazy: async () => ({
                      Component: (await import('@/features/workflows/runs/runs-page')).AllRunsPage,
                    }),
                  },
                  {
                    path: '/clusters',
                    lazy: async () => ({
                      Component: (await import('@/features/clusters/clusters-page')).ClustersPage,
                    }),
                  },
                  {
                    path: '/clusters/new',
                    lazy: async () => ({
                      Component: (await import('@/features/clusters/new-cluster-page')).NewClusterPage,
                    }),
                  },
                  { path: '*', element: <NotFound /> },
                ],
              },
            ],
          },
        ],
      },
    ],
  },
]
