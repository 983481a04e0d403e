const CAPITALS: Record<string, string> = {
  api: 'API',
  cpu: 'CPU',
  dns: 'DNS',
  grpc: 'gRPC',
  http: 'HTTP',
  https: 'HTTPS',
  id: 'ID',
  ip: 'IP',
  sctp: 'SCTP',
  tcp: 'TCP',
  tls: 'TLS',
  udp: 'UDP',
  url: 'URL',
  yaml: 'YAML',
}

/** A name of a machine as people write it: `host_path` is "Host path". */
export function humanized(name: string): string {
  const words = name.split(/[-_\s]+/).map((word) => CAPITALS[word.toLowerCase()] ?? word)
  const text = words.join(' ')
  return CAPITALS[(words[0] ?? '').toLowerCase()] === undefined
    ? text.charAt(0).toUpperCase() + text.slice(1)
    : text
}

const SAME_FOR_ONE = /(ss|us|is)$/

/** One of several: "Ports" are made of a "Port". */
export function singular(title: string): string {
  if (SAME_FOR_ONE.test(title)) return title
  if (title.endsWith('ies')) return `${title.slice(0, -3)}y`
  if (/(ses|xes|ches|shes)$/.test(title)) return title.slice(0, -2)
  return title.replace(/s$/, '')
}

/** A title inside a sentence: "Ports" is "ports", "TLS" stays. */
export function lower(title: string): string {
  const [first = ''] = title.split(/[\s,]/)
  return first === first.toUpperCase() && first.length > 1
    ? title
    : title.charAt(0).toLowerCase() + title.slice(1)
}
