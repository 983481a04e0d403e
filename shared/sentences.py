"""Parts of sentences for people."""

from __future__ import annotations


def plural(count: int, noun: str) -> str:
    """Write a number with its noun: ``1 pod``, ``2 pods``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
