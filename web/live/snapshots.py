"""What a listener is told first about a topic, and whether it may hear of it at all."""

from __future__ import annotations

from typing import Any

from shared.access import Actor, Verb, require
from shared.errors import NotFound
from shared.updates import topics
from shared.workflows.models import PublicHead
from web.services import Services, dump


def allow(found: Services, who: Actor, topic: str) -> None:
    """
    Return when somebody may hear of a topic.

    :raises NotFound: no such topic, or not for this person
    """
    kind, identity = topics.split(topic)
    if kind == "workflow":
        require(who, Verb.SEE, found.stores.workflows.find_head(identity) or _missing("workflow"), what="workflow")
    elif kind == "run":
        require(who, Verb.SEE, found.stores.runs.get(identity), what="run")
    elif kind == "cluster":
        require(who, Verb.SEE, found.clusters.get(identity), what="cluster")
    else:
        raise NotFound("There is no such topic.", code="topic-unknown")


def _missing(what: str) -> Any:
    raise NotFound(f"There is no such {what}.")


def snapshot(found: Services, topic: str) -> dict[str, Any]:
    """
    Return a topic's ``metadata``: everything that is true now.

    :raises NotFound: it is gone
    """
    kind, identity = topics.split(topic)
    if kind == "workflow":
        head = found.stores.workflows.find_head(identity) or _missing("workflow")
        return {
            "workflow": dump(PublicHead.model_validate(head, from_attributes=True)),
            "node_statuses": [dump(status.public()) for status in found.statuses.of_workflow(identity)],
            "active_run_id": head.active_run_id,
        }
    if kind == "run":
        return {"run": dump(found.stores.runs.get(identity).public())}
    return {"cluster": dump(found.clusters.get(identity).head())}
