"""Processes of the platform on this machine: which there are, how they start, are watched, and end."""
