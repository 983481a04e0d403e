import { ArchiveRestore, BookmarkPlus } from 'lucide-react'
import { useState } from 'react'
import { Button, IconButton } from '@/components/ui/button'
import { SideSheet } from '@/components/objects/side-sheet'
import { useOpenWorkflow } from '../open/open-workflow'
import { useWorkflow } from '../open/hooks'
import { Compare } from './compare'
import { readRef } from './describe'
import type { Ref } from '@/api/versions'
import { VersionForm } from './version-form'
import { VersionList } from './version-list'

export interface VersionsSheetProps {
  query: URLSearchParams
}

/** Every state of the graph that was kept: looked at, compared, named, brought back. */
export function VersionsSheet({ query }: VersionsSheetProps) {
  const { change } = useOpenWorkflow().address
  const workflow = useWorkflow()
  const [keeping, setKeeping] = useState(false)
  const from = readRef(query.get('from'))
  const to = readRef(query.get('to'))
  const compare = (older: Ref, newer: Ref) => change({ from: older, to: newer })
  return (
    <SideSheet
      title="Versions"
      subtitle={workflow.name}
      aside={
        <>
          <IconButton
            icon={ArchiveRestore}
            label="What runs have removed"
            onClick={() => change({ removed: '', versions: null, from: null, to: null })}
          />
          <Button icon={BookmarkPlus} onClick={() => setKeeping(true)}>
            Keep a version
          </Button>
        </>
      }
      closeLabel="Close versions"
      onClose={() => change({ versions: null, from: null, to: null })}
    >
      {from !== null && to !== null ? (
        <Compare from={from} to={to} onCompare={compare} onBack={() => change({ from: null, to: null })} />
      ) : (
        <VersionList onCompare={compare} />
      )}
      {keeping && <VersionForm version={null} onClose={() => setKeeping(false)} />}
    </SideSheet>
  )
}
