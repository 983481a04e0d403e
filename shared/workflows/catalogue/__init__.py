"""The catalogue: node types and rules as browsers need them, presets of extensions, and a cluster's limits to them."""
