"""Processes of the platform on this machine: their table, start, supervision and end."""
