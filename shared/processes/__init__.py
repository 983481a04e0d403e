"""Processes at work: their memory before a fork, and their signs of life."""
