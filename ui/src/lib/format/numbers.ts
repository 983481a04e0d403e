const whole = new Intl.NumberFormat('en')

/** 2341 as "2,341". */
export function formatCount(value: number): string {
  return whole.format(value)
}

/** "1 node", "3 nodes"; the plural where it is not made with an s. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`
}

/** A duration of requests: "4 ms", "0.4 ms", "1.2 s". */
export function formatLatency(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(1)} s`
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`
}
