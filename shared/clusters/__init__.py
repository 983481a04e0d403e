"""Clusters people connected: where they are, how they are reached, whether they answer."""
