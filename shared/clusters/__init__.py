"""Clusters that people connected: their addresses, credentials and health."""
