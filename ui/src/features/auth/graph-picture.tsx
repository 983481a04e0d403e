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
      <div className="relative h-96 w-[600px] origin-center scale-90 xl:scale-100">
        <svg
          viewBox="0 0 600 384"
          className="absolute inset-0 text-line-strong"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.75"
        >
          <path d="M176 192h36" />
          <path d="M388 192h18c14 0 18-8 18-24v-40c0-16 0-16 16-24" className="text-line" opacity="0" />
          <path d="M388 184c30 0 10-112 36-112" strokeDasharray="6 5" />
          <path d="M388 200c30 0 10 112 36 112" strokeDasharray="6 5" />
          <path d="M300 224v64" strokeDasharray="2 5" />
          <g fill="var(--surface)">
            <circle cx="176" cy="192" r="5" />
            <circle cx="212" cy="192" r="5" />
            <circle cx="388" cy="184" r="5" />
            <circle cx="388" cy="200" r="5" />
            <circle cx="424" cy="72" r="5" />
            <circle cx="424" cy="312" r="5" />
            <circle cx="300" cy="224" r="5" />
            <circle cx="300" cy="288" r="5" />
          </g>
        </svg>
        <Card icon={Globe} title="shop.example" kind="Ingress" className="top-40 left-0" />
        <Card icon={Box} title="web" kind="Deployment" className="top-40 left-[212px] border-accent" />
        <Card icon={FileCog} title="web-config" kind="ConfigMap" className="top-10 left-[424px]" />
        <Card icon={KeyRound} title="web-keys" kind="Secret" className="top-[280px] left-[424px]" />
        <Card icon={Network} title="web" kind="Service" className="top-[288px] left-[212px]" />
      </div>
    </div>
  )
}
