import { useEffect } from 'react'

/** Name the page in the browser's tab: "Workflows · KubeOrch". */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · KubeOrch` : 'KubeOrch'
  }, [title])
}
