import { cleanup, render } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'
import type { Schema } from '@/lib/api/client'
import { TooltipProvider } from '@/components/ui/tooltip'
import { expectAccessible } from '@/testing/render'
import { sharedFixture } from '@/testing/shared-fixture'
import { SchemaForm } from './schema-form'

const { items: types } = sharedFixture<Schema<'NodeTypes'>>('node-types.json')

describe.each(types.map((type) => [type.type, type] as const))('the form of %s', (_name, type) => {
  it('shows its defaults, is accessible, and changes nothing by itself', async () => {
    const onChange = vi.fn()
    render(
      <TooltipProvider>
        <main>
          <h1>{type.title}</h1>
          <h2>Configure</h2>
          <SchemaForm
            schema={type.schema}
            hints={type.ui}
            defaults={type.defaults}
            value={type.defaults}
            onChange={onChange}
          />
        </main>
      </TooltipProvider>,
    )
    await expectAccessible()
    cleanup()
    expect(onChange).not.toHaveBeenCalled()
  })
})
