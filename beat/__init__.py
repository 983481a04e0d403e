"""The clock: one table of what is enqueued when."""
