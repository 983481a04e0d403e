import { FileUp } from 'lucide-react'
import { useRef, useState } from 'react'
import { Button } from '@/components/ui/button'
import type { ControlProps } from '@/components/ui/field'
import { Textarea } from '@/components/ui/input'
import { cx } from '@/lib/format/classes'

interface KubeconfigFieldProps extends ControlProps {
  value: string
  onChange: (text: string) => void
  onBlur: () => void
  ref: React.Ref<HTMLTextAreaElement>
}

/** A kubeconfig, pasted, chosen or dropped as a file. It is read here and sent once. */
export function KubeconfigField({ value, onChange, onBlur, ref, ...control }: KubeconfigFieldProps) {
  const picker = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const take = async (file: File | undefined) => {
    if (file) onChange(await file.text())
  }
  return (
    <div className="grid gap-2">
      <Textarea
        {...control}
        ref={ref}
        mono
        rows={10}
        value={value}
        onBlur={onBlur}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          setOver(false)
          // text that is dropped goes where the browser puts it
          const file = event.dataTransfer.files[0]
          if (!file) return
          event.preventDefault()
          void take(file)
        }}
        className={cx(over && 'outline-2 outline-offset-2 outline-focus')}
        onChange={(event) => onChange(event.target.value)}
        placeholder={'apiVersion: v1\nkind: Config\nclusters: …'}
        autoComplete="off"
        spellCheck={false}
        wrap="off"
      />
      <div className="flex items-center gap-3">
        <Button icon={FileUp} onClick={() => picker.current?.click()}>
          Choose a file
        </Button>
        <span className="text-meta text-text-muted">or drop it on the field</span>
        <input
          ref={picker}
          type="file"
          aria-label="Kubeconfig file"
          tabIndex={-1}
          className="sr-only"
          onChange={(event) => {
            void take(event.target.files?.[0])
            event.target.value = ''
          }}
        />
      </div>
    </div>
  )
}
