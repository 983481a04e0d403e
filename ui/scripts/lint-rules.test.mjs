import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript'
import { Linter } from 'eslint'
import importX from 'eslint-plugin-import-x'
import ts from 'typescript-eslint'
import { describe, expect, test } from 'vitest'
import { ASKING, COLOURS, importZones, KINDS } from './lint-rules.mjs'

const linter = new Linter()
const count = (code) =>
  linter.verify(code, [{ rules: { 'no-restricted-syntax': ['error', ...KINDS, ...COLOURS] } }]).length

describe('no comparison with the name of a kind', () => {
  test.each([
    "if (node.type === 'deployment') draw()",
    "if ('Service' === spec.kind) draw()",
    "const hidden = node.data.kind !== 'ConfigMap'",
    "switch (node.type) { case 'ingress': draw() }",
  ])('%s is refused', (code) => expect(count(code)).toBe(1))

  test.each([
    "if (message.kind === 'granted') take()",
    "draw('Deployment')",
    'if (one.type === other.type) join()',
  ])('%s passes', (code) => expect(count(code)).toBe(0))
})

describe('no literal colour', () => {
  test.each(["const ink = '#1b62c4'", "const ink = 'rgb(0 0 0 / 50%)'", 'const ink = `1px solid #fff`'])(
    '%s is refused',
    (code) => expect(count(code)).toBe(1),
  )
  test.each(["const at = '#main'", "const ink = 'var(--accent)'"])('%s passes', (code) =>
    expect(count(code)).toBe(0),
  )
})

describe('asking the server outside of src/api', () => {
  const asked = (code) =>
    linter.verify(code, [{ rules: { 'no-restricted-syntax': ['error', ...ASKING] } }]).length

  test.each([
    "useQuery({ queryKey: ['runs', id] })",
    'useQuery({ queryFn: () => fetch(address) })',
    'useMutation({ mutationFn: save })',
    "import { api } from '@/lib/api/client'",
    "import { call } from '@/lib/api/client'",
  ])('%s is refused', (code) => expect(asked(code)).toBe(1))

  test.each([
    'useQuery({ ...runQuery(id), enabled })',
    'useMutation({ ...deleteMutation, onSuccess })',
    'new QueryObserver(client, { queryKey, enabled: false })',
    "import { ifMatch } from '@/lib/api/client'",
  ])('%s passes', (code) => expect(asked(code)).toBe(0))
})

describe('who may import whom', () => {
  const root = process.cwd()
  const config = {
    files: ['**/*.{ts,tsx}'],
    languageOptions: { parser: ts.parser },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver({ project: root })] },
    rules: { 'import-x/no-restricted-paths': ['error', { basePath: root, zones: importZones() }] },
  }
  const typed = new Linter({ cwd: root })
  const refused = (file, code) => typed.verify(code, [config], { filename: `${root}/src/${file}` }).length

  test.each([
    ['lib/time/x.ts', "import '@/api/runs'"],
    ['lib/time/x.ts', "import '@/components/ui/time'"],
    ['api/x.ts', "import '@/components/ui/time'"],
    ['api/x.ts', "import type { GraphState } from '@/features/workflows/open/open-workflow'"],
    ['components/ui/x.ts', "import '@/api/runs'"],
    ['components/ui/x.ts', "import '@/features/auth/login-page'"],
    ['features/auth/x.ts', "import '@/app/routes'"],
    ['features/auth/x.ts', "import type { ClusterValues } from '@/features/clusters/cluster-form'"],
    ['features/workflows/canvas/x.ts', "import '../plan/consent'"],
    ['features/workflows/canvas/x.ts', "import type { Verdict } from '../plan/consent'"],
    ['features/workflows/canvas/x.ts', "void import('../run/drawer')"],
    ['features/workflows/canvas/x.ts', "export * from '../list/held-data'"],
    ['features/workflows/canvas/x.ts', "import '../workflow-page'"],
    ['features/workflows/open/runs/x.ts', "import '../../run/drawer'"],
    ['features/workflows/graph/x.ts', "import type { StatusState } from '../open/status'"],
  ])('%s: %s is refused', (file, code) => expect(refused(file, code)).toBe(1))

  test.each([
    ['app/x.ts', "import '@/features/workflows/workflow-page'"],
    ['features/workflows/x.ts', "import './canvas/canvas'; import './plan/consent'"],
    ['features/workflows/canvas/x.ts', "import './card'; import '../open/runs/run-state'"],
    [
      'features/workflows/canvas/x.ts',
      "import '../graph/graph'; import '@/api/runs'; import '@/lib/time/time'",
    ],
    ['features/workflows/open/x.ts', "import '../graph/graph'; import './runs/run-state'"],
    ['api/x.ts', "import './runs'; import '@/lib/time/time'"],
    ['components/objects/x.ts', "import '@/components/ui/time'"],
  ])('%s: %s passes', (file, code) => expect(refused(file, code)).toBe(0))
})
