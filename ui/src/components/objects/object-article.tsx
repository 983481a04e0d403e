import { ArrowLeft } from 'lucide-react'
import { useEffect, useRef, type ReactNode } from 'react'
import { Button } from '@/components/ui/button'

interface ObjectArticleProps {
  /** What it is about, as `Kind namespace/name`. */
  object: string
  onBack: () => void
  children: ReactNode
}

/** One object beside the list of all, or in its place where there is no room for both; begins at its top. */
export function ObjectArticle({ object, onBack, children }: ObjectArticleProps) {
  const top = useRef<HTMLElement>(null)
  useEffect(() => {
    top.current?.scrollTo({ top: 0 })
  }, [object])
  return (
    <article
      ref={top}
      aria-label={object}
      // scrolled by keys
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className="grid min-h-0 grow auto-rows-min grid-cols-[minmax(0,1fr)] gap-3 overflow-y-auto p-4 -outline-offset-2"
    >
      <Button variant="ghost" icon={ArrowLeft} onClick={onBack} className="justify-self-start @2xl:hidden">
        All objects
      </Button>
      {children}
    </article>
  )
}

/** The way to an object's node on the canvas. */
export function NodeLink({ name, onShow }: { name: string; onShow: () => void }) {
  return (
    <button
      type="button"
      onClick={onShow}
      className="min-h-6 shrink-0 text-meta text-text-muted underline-offset-2 hover:underline"
    >
      node {name}
    </button>
  )
}

interface TitledProps {
  title: string
  /** Beside the title. */
  action?: ReactNode
  children: ReactNode
}

/** A part of what is said about an object. */
export function Titled({ title, action, children }: TitledProps) {
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] gap-1.5">
      <div className="flex items-center justify-between gap-2">
        <h4 className="text-meta font-semibold text-text-muted">{title}</h4>
        {action}
      </div>
      {children}
    </section>
  )
}
