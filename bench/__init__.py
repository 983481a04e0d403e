"""Measurements against peers, one command each; they print ratios of the same run."""
