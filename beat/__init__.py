"""The clock: one table of tasks and their intervals."""
