"""Changes that the API server refuses for ever, read from its answers. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from shared.errors import KubeOrchError

NEVER_REPLACED: Mapping[str, str] = {
    "PersistentVolumeClaim": "A claim holds data and is never deleted to change it; make a new one and move the data.",
    "Namespace": "Everything in it would go too.",
}
"""Kinds whose replacement would lose data, and what to do instead."""

_WORDS = re.compile(
    r"field is immutable|may not (?:be )?change|updates to \S+ spec for fields other than|is immutable after creation"
    r"|cannot change roleRef|field can not be changed",
    re.IGNORECASE,
)


def fields_of(error: KubeOrchError) -> tuple[str, ...]:
    """
    Return the fields that cannot be changed in place; empty when the refusal has another reason as well.

    :param error: the API server's answer to an apply (422)
    """
    causes = error.details.get("causes")
    if error.code != "cluster-invalid":
        return ()
    if not isinstance(causes, list) or not causes:
        return ("its spec",) if _WORDS.search(error.message) else ()
    if not all(_WORDS.search(str(cause.get("message", ""))) for cause in causes):
        return ()
    return tuple(dict.fromkeys(str(cause.get("field") or "its spec") for cause in causes))
