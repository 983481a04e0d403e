"""Versions of a workflow: graphs that were run, and those that people wanted to keep."""
