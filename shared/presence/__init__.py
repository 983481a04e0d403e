"""Presence: the people who have a workflow open, and the card that each has selected. Nothing is locked by it."""
