// Weighs what a browser fetches for a page of the built interface, compressed, against its budget.
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const KB = 1024
const dist = fileURLToPath(new URL('../dist/', import.meta.url))
const manifest = JSON.parse(readFileSync(`${dist}.vite/manifest.json`, 'utf8'))
const frame = ['index.html', 'src/app/shell/shell.tsx']
const pages = [
  { name: 'sign-in', parts: ['index.html', 'src/features/auth/login-page.tsx'], budget: 200 },
  { name: 'workflows', parts: [...frame, 'src/features/workflows/list/workflows-page.tsx'], budget: 220 },
  { name: 'canvas', parts: [...frame, 'src/features/workflows/workflow-page.tsx'], budget: 340 },
  { name: 'clusters', parts: [...frame, 'src/features/clusters/clusters-page.tsx'], budget: 260 },
  { name: 'add cluster', parts: [...frame, 'src/features/clusters/new-cluster-page.tsx'], budget: 260 },
]

/** The chunks that come with a part, itself first. */
function closure(part, found = new Set()) {
  const chunk = manifest[part]
  if (!chunk) throw new Error(`${part} is no part of the build; correct the list in scripts/size.mjs.`)
  if (found.has(part)) return found
  found.add(part)
  for (const next of chunk.imports ?? []) closure(next, found)
  return found
}

const weigh = (file) => gzipSync(readFileSync(dist + file), { level: 9 }).length
const rows = pages.map(({ name, parts, budget }) => {
  const chunks = new Set(parts.flatMap((part) => [...closure(part)]))
  const files = new Set([...chunks].map((part) => manifest[part].file))
  return { name, bytes: [...files].reduce((sum, file) => sum + weigh(file), 0), budget }
})
const assets = readdirSync(`${dist}assets`)
const sum = (ending, size) =>
  assets.filter((name) => name.endsWith(ending)).reduce((total, name) => total + size(`assets/${name}`), 0)
rows.push({ name: 'styles', bytes: sum('.css', weigh), budget: 30 })
rows.push({ name: 'fonts', bytes: sum('.woff2', (file) => statSync(dist + file).size), budget: 95 })

let over = false
for (const { name, bytes, budget } of rows) {
  const heavy = bytes > budget * KB
  over ||= heavy
  console.log(
    `${name.padEnd(12)} ${(bytes / KB).toFixed(1).padStart(7)} KB of ${budget}${heavy ? '  TOO HEAVY' : ''}`,
  )
}
if (over) process.exit(1)
