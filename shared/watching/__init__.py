"""Watching clusters: what is really there, written as node statuses and told to browsers."""
