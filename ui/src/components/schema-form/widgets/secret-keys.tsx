import { Problem } from '../field-notes'
import type { WidgetProps } from '../form-state'
import { ListWidget } from './list'
import { listOf } from './values'

/** Names of secret values; the values themselves are never part of a form. */
export function SecretKeysWidget(props: WidgetProps) {
  const keys = listOf(props.value)
  const twice = [
    ...new Set(
      keys.filter((each, index) => typeof each === 'string' && each !== '' && keys.indexOf(each) < index),
    ),
  ]
  return (
    <>
      <ListWidget {...props} />
      <div className="grid gap-1 text-meta empty:hidden">
        {twice.map((key) => (
          <Problem
            key={String(key)}
            severity="error"
          >{`“${String(key)}” is there twice; a key has one value.`}</Problem>
        ))}
      </div>
    </>
  )
}
