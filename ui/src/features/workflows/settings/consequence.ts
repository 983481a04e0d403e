type Place = { cluster_id: string; namespace: string }

interface Moving {
  before: Place
  after: Place
  /** Whether something of it may be on a cluster. */
  wasRun: boolean
  /** What a cluster is called. */
  nameOf: (clusterId: string) => string
}

/** What it means for what is on a cluster that a workflow goes elsewhere from now on; null when it means nothing. */
export function consequenceOf({ before, after, wasRun, nameOf }: Moving): string | null {
  if (!wasRun || before.cluster_id === '') return null
  const from = nameOf(before.cluster_id)
  if (after.cluster_id === '') {
    return (
      `What it has on ${from} stays there and goes on running. ` +
      'Without a cluster nothing can be planned or run; archiving the workflow removes it.'
    )
  }
  const moves = after.cluster_id !== before.cluster_id
  if (!moves && after.namespace === before.namespace) return null
  const to = moves
    ? `on ${nameOf(after.cluster_id)}, in the namespace ${after.namespace}`
    : `in the namespace ${after.namespace}`
  const left = moves ? `on ${from}` : `in ${before.namespace}`
  const own = moves ? '' : ' Nodes that name a namespace of their own stay where they are.'
  return (
    `Saving moves nothing. The next run makes everything ${to}, and then removes what it has ${left}. ` +
    `Volume claims, namespaces and secrets stay ${left}, because data is in them; it is not copied.${own}`
  )
}
