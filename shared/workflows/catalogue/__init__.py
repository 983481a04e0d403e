"""What can be drawn: node types and rules as browsers need them, presets of extensions, and what a cluster takes."""
