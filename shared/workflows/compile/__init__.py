"""From a graph to manifests in waves, with everything that is wrong on the way. Pure."""
