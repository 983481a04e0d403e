"""
Plugins: descriptions of the kinds that well-known operators bring, as node types with a short form.

Nothing that runs depends on them: a node made from one is a custom resource with all it needs in its data.
"""
