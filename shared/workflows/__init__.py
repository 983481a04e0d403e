"""
Workflows: drawings of people, checked, versioned and turned into manifests.

Everything between a graph and its manifests is pure (``drawing``, ``kinds``, ``wires``, ``compile``, ``catalogue``,
``crds``, ``export``); ``store``, ``secrets`` and ``versions.store`` know the database, ``actions`` are the verbs.
"""
