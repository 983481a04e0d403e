import { Field } from '@/components/ui/field'
import { Input } from '@/components/ui/input'

interface TypedNameProps {
  label: string
  help: string
  value: string
  onChange: (value: string) => void
}

/** Where the name of something is typed before its data goes: nobody does that by mistake. */
export function TypedName({ label, help, value, onChange }: TypedNameProps) {
  return (
    <Field label={label} help={help}>
      {(control) => (
        <Input
          {...control}
          value={value}
          autoComplete="off"
          spellCheck={false}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </Field>
  )
}
