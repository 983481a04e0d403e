"""Versions of a workflow: what was run, and what people wanted to keep."""
