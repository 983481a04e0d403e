"""Thin tasks, one module per noun: load by id, call one action."""
