/** How much cards show: all, name and state, or picture and shape. */
export type Detail = 'full' | 'brief' | 'tile'

export function detailOf(zoom: number): Detail {
  if (zoom >= 0.6) return 'full'
  return zoom >= 0.35 ? 'brief' : 'tile'
}
