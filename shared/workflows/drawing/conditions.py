"""
The little language of conditions and expressions that rules and hints use; the browser has the same evaluator.

Condition: ``{path, equals}``, ``{path, in: […]}``, ``{path, present: true|false}``, ``{all: […]}``, ``{any: […]}``,
``{not: …}``. Expression: ``{from, path}``, ``{const}``, ``{template: "{source/name} → {edge/mount_path}"}``.

A path is a JSON pointer. What is null, empty text, an empty list or an empty object is not *present*; a comparison with
something absent is false; an expression over something absent has no value. Both sides run the same fixtures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from shared.workflows.drawing.issues import parts_of

Condition = Mapping[str, Any]
Expression = Mapping[str, Any]


class _Absent:
    """The value of a path that leads nowhere."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
_PLACEHOLDER = re.compile(r"\{(\w+)((?:/[^{}/]+)*)\}")


def lookup(scope: object, path: str) -> object:
    """Follow a JSON pointer; ``ABSENT`` when it leads nowhere."""
    if path == "":
        return scope
    if not path.startswith("/"):
        return ABSENT
    value = scope
    for part in parts_of(path):
        value = _step(value, part)
        if value is ABSENT:
            return ABSENT
    return value


def _step(value: object, part: str) -> object:
    if isinstance(value, Mapping):
        return value.get(part, ABSENT)
    if isinstance(value, list) and part.isdecimal() and part.isascii() and int(part) < len(value):
        return value[int(part)]
    return ABSENT


def is_present(value: object) -> bool:
    """Whether there is something: not absent, null, empty text, an empty list or object."""
    if value is ABSENT or value is None:
        return False
    return not (isinstance(value, (str, list, Mapping)) and len(value) == 0)


def same(left: object, right: object) -> bool:
    """Compare as JSON does: true is not 1, and 1 is 1.0."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return left == right


def holds(condition: Condition, scope: object) -> bool:
    """
    Decide.

    :raises ValueError: it is no condition
    """
    if "all" in condition:
        return all(holds(item, scope) for item in condition["all"])
    if "any" in condition:
        return any(holds(item, scope) for item in condition["any"])
    if "not" in condition:
        return not holds(condition["not"], scope)
    if "path" not in condition:
        msg = f"not a condition: {sorted(condition)}"
        raise ValueError(msg)
    value = lookup(scope, condition["path"])
    if "present" in condition:
        return is_present(value) is condition["present"]
    if "equals" in condition:
        return value is not ABSENT and same(value, condition["equals"])
    if "in" in condition:
        return value is not ABSENT and any(same(value, item) for item in condition["in"])
    msg = f"not a condition: {sorted(condition)}"
    raise ValueError(msg)


def evaluate(expression: Expression, scope: Mapping[str, object]) -> object:
    """
    Return an expression's value, or ``ABSENT``.

    :param scope: what ``from`` and the placeholders of a template name: source, target, edge
    :raises ValueError: it is no expression
    """
    if "const" in expression:
        return expression["const"]
    if "template" in expression:
        return _filled(expression["template"], scope)
    if "from" in expression:
        value = lookup(scope.get(expression["from"], ABSENT), expression.get("path", ""))
        return value if is_present(value) else ABSENT
    msg = f"not an expression: {sorted(expression)}"
    raise ValueError(msg)


def _filled(template: str, scope: Mapping[str, object]) -> object:
    missing = False

    def fill(match: re.Match[str]) -> str:
        nonlocal missing
        value = lookup(scope.get(match.group(1), ABSENT), match.group(2))
        if isinstance(value, bool) or not isinstance(value, (str, int, float)) or value == "":
            missing = True
            return ""
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)

    text = _PLACEHOLDER.sub(fill, template)
    return ABSENT if missing else text
