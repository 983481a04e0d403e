import { lazy, Suspense, type ComponentType } from 'react'

const found = import.meta.glob<{ ConnectionChip: ComponentType }>('../../lib/stream/connection-chip.tsx')
const load = Object.values(found)[0]
const ConnectionChip = load ? lazy(async () => ({ default: (await load()).ConnectionChip })) : null

/** How the live connection is; nothing before its part has come. */
export function Chip() {
  return ConnectionChip && <Suspense fallback={null}>{<ConnectionChip />}</Suspense>
}
