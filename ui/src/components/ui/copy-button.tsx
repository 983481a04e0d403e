import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { announce } from '@/lib/a11y/announce'
import { IconButton } from './button'

/** Copies a text and says so. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2000)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async () => {
    await copyText(text)
    setCopied(true)
    announce('Copied')
  }
  return (
    <IconButton
      icon={copied ? Check : Copy}
      label={label}
      tooltip={copied ? 'Copied' : label}
      onClick={() => void copy()}
    />
  )
}

/** Copy where the page may use the clipboard, or select the text in a field that does it on plain http. */
async function copyText(text: string): Promise<void> {
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text)
    return
  }
  const field = document.createElement('textarea')
  field.value = text
  document.body.append(field)
  field.select()
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way where the page is not served by https
  document.execCommand('copy')
  field.remove()
}
