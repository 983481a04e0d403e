import type { UseFormRegisterReturn } from 'react-hook-form'
import { Button } from '@/components/ui/button'
import { Field } from '@/components/ui/field'
import { Input } from '@/components/ui/input'

interface EmailFieldProps {
  error: string | undefined
  field: UseFormRegisterReturn
}

/** The name of an account, as password managers know it. */
export function EmailField({ error, field }: EmailFieldProps) {
  return (
    <Field label="E-mail address" error={error}>
      {(control) => <Input {...control} {...field} type="email" autoComplete="username" spellCheck={false} />}
    </Field>
  )
}

interface EnterButtonProps {
  busy: boolean
  /** Not yet: the server asks to wait. */
  waiting: boolean
  children: string
}

/** Sends the form of an entry page. */
export function EnterButton({ busy, waiting, children }: EnterButtonProps) {
  return (
    <Button type="submit" variant="primary" busy={busy} disabled={waiting} className="mt-2 h-9 w-full">
      {children}
    </Button>
  )
}
