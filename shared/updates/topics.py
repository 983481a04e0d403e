"""Names of topics: the subjects of updates."""

from __future__ import annotations


def workflow(workflow_id: str) -> str:
    """A workflow: saved, node statuses, heads of its runs."""
    return f"workflow:{workflow_id}"


def run(run_id: str) -> str:
    """One run: phases, node states, log lines, outcome."""
    return f"run:{run_id}"


def resource(resource_id: str) -> str:
    """One object on a cluster."""
    return f"resource:{resource_id}"


def cluster(cluster_id: str) -> str:
    """A cluster's connection."""
    return f"cluster:{cluster_id}"


def inventory(cluster_id: str) -> str:
    """Rows of a cluster's inventory that changed."""
    return f"inventory:{cluster_id}"


def access(user_id: str) -> str:
    """What one person may see has changed: a session was revoked, something was shared."""
    return f"access:{user_id}"


def split(topic: str) -> tuple[str, str]:
    """Return a topic's kind and id; a text that is no topic has an empty kind."""
    kind, separator, identity = topic.partition(":")
    return (kind, identity) if separator and kind and identity else ("", topic)
