"""Streams of updates to browsers: one Redis subscriber per process, any number of listeners, nothing lost."""
