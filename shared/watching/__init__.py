"""Watching clusters: the state of live objects, written as node statuses and published to browsers."""
