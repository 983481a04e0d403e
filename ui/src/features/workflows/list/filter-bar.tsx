import { useEffect, useState } from 'react'
import { SearchInput, Select } from '@/components/ui/input'
import type { Cluster } from '@/api/clusters'
import { LIFECYCLES } from '@/lib/format/words'
import { LIFECYCLE_FILTERS, type WorkflowFilters } from '@/api/workflows'

interface FilterBarProps {
  filters: WorkflowFilters
  clusters: Cluster[]
  onChange: (change: Partial<WorkflowFilters>) => void
}

const TYPING_MS = 250

/** Search and filters of the list; what is chosen stands in the address. */
export function FilterBar({ filters, clusters, onChange }: FilterBarProps) {
  const [text, setText] = useState(filters.q)
  const [known, setKnown] = useState(filters.q)
  // the address was changed elsewhere: by going back, or by clearing the filters
  if (known !== filters.q) {
    setKnown(filters.q)
    setText(filters.q)
  }
  useEffect(() => {
    if (text === filters.q) return
    const timer = setTimeout(() => {
      setKnown(text)
      onChange({ q: text })
    }, TYPING_MS)
    return () => clearTimeout(timer)
  }, [text, filters.q, onChange])
  return (
    <div className="mb-3 flex flex-wrap gap-2">
      <SearchInput
        label="Search workflows"
        placeholder="Search by name or description"
        maxLength={100}
        value={text}
        onChange={setText}
        className="min-w-52 grow sm:max-w-80"
      />
      <Select
        aria-label="Lifecycle"
        value={filters.status ?? ''}
        onChange={(event) => {
          const status = LIFECYCLE_FILTERS.find((each) => each === event.target.value)
          onChange({ status: status ?? null })
        }}
        className="w-40 max-sm:grow"
      >
        <option value="">Any lifecycle</option>
        {LIFECYCLE_FILTERS.map((status) => (
          <option key={status} value={status}>
            {LIFECYCLES[status].word}
          </option>
        ))}
      </Select>
      {(clusters.length > 1 || filters.cluster) && (
        <Select
          aria-label="Cluster"
          value={filters.cluster ?? ''}
          onChange={(event) => onChange({ cluster: event.target.value || null })}
          className="w-44 max-sm:grow"
        >
          <option value="">Any cluster</option>
          {clusters.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
      )}
    </div>
  )
}
