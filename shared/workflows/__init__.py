"""
Workflows: what people draw, checked, versioned and turned into manifests.

Everything between a graph and its manifests is pure (graph, kinds, wiring, validate, compile); ``store``, ``versions``
and ``secrets`` know the database, ``actions`` are the verbs.
"""
