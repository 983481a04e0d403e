import { z } from '@/lib/config/zod'

const FARTHEST = 1_000_000
const place = z.number().min(-FARTHEST).max(FARTHEST)
const values = z.record(z.string(), z.unknown())

/** A graph as it comes from outside of this page: from the clipboard, or from what the browser keeps. */
export const GraphShape = z.object({
  nodes: z.array(
    z.object({
      id: z.string(),
      type: z.string().min(1).max(64),
      position: z.object({ x: place, y: place }),
      data: values,
      parent: z.string().nullable(),
    }),
  ),
  edges: z.array(
    z.object({
      id: z.string(),
      source: z.string(),
      sourceHandle: z.string().max(128).nullable(),
      target: z.string(),
      targetHandle: z.string().max(128).nullable(),
      type: z.enum(['wires', 'depends_on']),
      data: values,
    }),
  ),
})
