"""The work of one run in its worker: plan, apply, wait, remove, and publish its progress."""
