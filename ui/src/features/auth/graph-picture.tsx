import { Box, FileCog, Globe, KeyRound, Network, type LucideIcon } from 'lucide-react'
import { cx } from '@/lib/format/classes'

interface CardProps {
  icon: LucideIcon
  title: string
  kind: string
  className: string
}

function Card({ icon: Icon, title, kind, className }: CardProps) {
  return (
    <div
      className={cx(
        'absolute flex h-16 w-44 items-center gap-3 rounded-card border border-line bg-surface px-3 shadow-raised',
        className,
      )}
    >
      <span className="grid size-9 place-items-center rounded-control bg-sunken text-text-muted">
        <Icon size={18} strokeWidth={1.75} />
      </span>
      <span>
        <span className="block text-dense font-medium">{title}</span>
        <span className="block text-meta text-text-muted">{kind}</span>
      </span>
    </div>
  )
}

/** What one draws here, as a picture beside the form. */
export function GraphPicture() {
  return (
    <div
      aria-hidden
      className="relative hidden place-items-center overflow-hidden border-l border-line bg-canvas bg-[radial-gradient(var(--line)_1px,transparent_1px)] [background-size:20px_20px] lg:grid"
    >
      <div className="relative h-72 w-[632px] shrink-0 origin-center scale-85 xl:scale-100">
        <svg
          viewBox="0 0 632 288"
          className="absolute inset-0 text-line-strong"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.75"
        >
          <path d="M176 64h52M404 64h52" />
          <path d="M316 224c0-64 212-48 212-128M544 224V96" strokeDasharray="6 5" />
          <g fill="var(--surface)">
            <circle cx="176" cy="64" r="5" />
            <circle cx="228" cy="64" r="5" />
            <circle cx="404" cy="64" r="5" />
            <circle cx="456" cy="64" r="5" />
            <circle cx="316" cy="224" r="5" />
            <circle cx="544" cy="224" r="5" />
            <circle cx="528" cy="96" r="5" />
            <circle cx="544" cy="96" r="5" />
          </g>
        </svg>
        <Card icon={Globe} title="shop.example" kind="Ingress" className="top-8 left-0" />
        <Card icon={Network} title="web" kind="Service" className="top-8 left-57" />
        <Card icon={Box} title="web" kind="Deployment" className="top-8 left-114" />
        <Card icon={FileCog} title="web-config" kind="ConfigMap" className="top-56 left-57" />
        <Card icon={KeyRound} title="web-keys" kind="Secret" className="top-56 left-114" />
      </div>
    </div>
  )
}
