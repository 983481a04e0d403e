"""From a graph to manifests in waves, with all issues on the way. Pure."""
