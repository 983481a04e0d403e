/** How everything is shown: with room for the run bar at the top and the controls below. */
export const FIT = { padding: { x: '48px', top: '112px', bottom: '72px' }, maxZoom: 1.1 } as const
