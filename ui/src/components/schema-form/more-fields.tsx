import { ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { cx } from '@/lib/format/classes'
import { count } from '@/lib/format/numbers'
import { isPresent, lookup } from '@/lib/schema/conditions'
import { useForm } from './form-state'
import { isWithin } from './locate'
import type { Field } from './model'

/** Fields that few need; open when one of them is set, is wrong, or is to have focus. */
export function MoreFields({ fields, of }: { fields: readonly Field[]; of: string }) {
  const { value, problems, locked, focusPath, FieldView } = useForm()
  const [chosen, choose] = useState<boolean | null>(null)
  const about = (path: string) => fields.some((each) => isWithin(path, each.path))
  const speaks =
    fields.some(({ path }) => isPresent(lookup(value, path))) ||
    [...problems.keys()].some(about) ||
    locked.some(({ path }) => about(path))
  const open = (focusPath !== null && about(focusPath)) || (chosen ?? speaks)
  return (
    <>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => choose(!open)}
        className="col-span-full flex min-h-6 items-center gap-1 justify-self-start rounded-control text-meta text-text-muted hover:text-text"
      >
        <ChevronRight aria-hidden size={14} className={cx('transition-transform', open && 'rotate-90')} />
        <span className="sr-only">{of}: </span>
        Advanced, {count(fields.length, 'field')}
      </button>
      {open && fields.map((each) => <FieldView key={each.pattern} field={each} />)}
    </>
  )
}
