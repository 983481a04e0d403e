"""Runs: one execution of a workflow on its cluster, from the graph to ready objects."""
