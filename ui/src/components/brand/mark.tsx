/** The product's mark: three nodes and two wires. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden className="shrink-0 text-accent">
      <rect width="32" height="32" rx="8" fill="currentColor" />
      <g fill="none" stroke="var(--on-accent)" strokeWidth="2.2" strokeLinecap="round">
        <path d="M10.5 13.2v5.6M12.6 11.6l6.3 3M12.6 20.4l6.3-3" />
      </g>
      <g fill="var(--on-accent)">
        <circle cx="10.5" cy="10.6" r="2.9" />
        <circle cx="10.5" cy="21.4" r="2.9" />
        <circle cx="21.6" cy="16" r="2.9" />
      </g>
    </svg>
  )
}
