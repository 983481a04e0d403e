"""
Check of an object against a CustomResourceDefinition: its structural schema, walked over the object. Pure.

Never stricter than the API server: whatever is called wrong here it refuses too (unknown fields, because runs ask for
strict validation). Formats, rules in CEL, and combinations of schemas that say more than which fields are needed are
left to it, and the dry run tells of them. It is no JSON Schema: numbers may be texts, unknown fields are pruned,
defaults fill in what is required.
https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any

import orjson

from shared.workflows.crds.patterns import is_match

Path = tuple[str | int, ...]
Schema = Mapping[str, Any]

MOST_FAULTS = 20
"""Of one object; whoever mends them sees the next."""
LONGEST_MATCHED = 256
"""Characters of a text that patterns are tried on; names of hosts have at most 253."""
_OF_EVERY_OBJECT = frozenset({"apiVersion", "kind", "metadata"})
_NOT_LOOKED_AT = _OF_EVERY_OBJECT | {"status"}
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """
    One thing that the definition does not allow.

    :param path: names and indexes from the object's root
    :param code: kebab-case, stable
    :param words: what would be right, as the end of a sentence about the field
    :param meant: the name of the field that was probably meant
    """

    path: Path
    code: str
    words: str
    meant: str = ""


def faults_of(manifest: Mapping[str, Any], schema: Schema) -> list[Fault]:
    """Return the faults of an object in the eyes of its version's ``openAPIV3Schema``, at most ``MOST_FAULTS``."""
    content = {name: value for name, value in manifest.items() if name not in _NOT_LOOKED_AT}
    return list(islice(_walk(_of_content(schema), content, (), is_open=False), MOST_FAULTS))


def _of_content(schema: Schema) -> Schema:
    """Return a schema of the whole object without the fields that are not checked."""
    needed = schema.get("required")
    names = [name for name in needed if name not in _NOT_LOOKED_AT] if isinstance(needed, list) else []
    unsure = {"minProperties", "maxProperties", "oneOf", "anyOf"}
    rest = {word: said for word, said in schema.items() if word not in unsure}
    return {**rest, "required": names}


def dotted(path: Path) -> str:
    """Return a path as Kubernetes writes it: ``spec.dnsNames[0]``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _walk(schema: Schema, value: Any, path: Path, *, is_open: bool) -> Iterator[Fault]:
    # what is null is pruned, defaulted or refused, by rules that only the API server knows to the end
    if value is None or "$ref" in schema:
        return
    wanted = _wanted(schema)
    if wanted and not any(_TYPES[name](value) for name in wanted):
        yield Fault(path, "wrong-type", f"must be {' or '.join(_ARTICLES[name] for name in wanted)}")
        return
    choices = schema.get("enum")
    if isinstance(choices, list) and not any(_is_same(choice, value) for choice in choices):
        shown = ", ".join(_shown(choice) for choice in choices[:12])
        yield Fault(path, "not-a-choice", f"must be one of: {shown}{', …' if len(choices) > 12 else ''}")  # noqa: PLR2004
        return
    if isinstance(value, Mapping):
        yield from _object(schema, value, path, is_open=is_open)
    elif isinstance(value, list):
        yield from _list(schema, value, path, is_open=is_open)
    elif isinstance(value, str):
        yield from _text(schema, value, path)
    elif not isinstance(value, bool):
        yield from _number(schema, value, path)


def _wanted(schema: Schema) -> tuple[str, ...]:
    if schema.get("x-kubernetes-int-or-string") is True:
        return ("integer", "string")
    kind = schema.get("type")
    return (kind,) if isinstance(kind, str) and kind in _TYPES else ()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, Mapping),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and (isinstance(value, int) or value.is_integer()),
}
_ARTICLES = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "number": "a number",
    "integer": "a whole number",
}


def _object(schema: Schema, value: Mapping[str, Any], path: Path, *, is_open: bool) -> Iterator[Fault]:
    known = schema.get("properties")
    known = known if isinstance(known, Mapping) else {}
    yield from _required(schema, known, value, path)
    yield from _alternatives(schema, known, value, path)
    filled = sum(name not in value and _has_default(field) for name, field in known.items())
    yield from _amount(len(value) + filled, schema, "Properties", "fields", path)
    others = schema.get("additionalProperties")
    # strict validation does not complain below what keeps unknown fields
    is_open = is_open or schema.get("x-kubernetes-preserve-unknown-fields") is True
    # nor about an object of which nothing is said
    takes_any = is_open or not known or others is True
    is_whole = schema.get("x-kubernetes-embedded-resource") is True
    for name, item in value.items():
        if isinstance(known.get(name), Mapping):
            yield from _walk(known[name], item, (*path, name), is_open=is_open)
        elif isinstance(others, Mapping):
            yield from _walk(others, item, (*path, name), is_open=is_open)
        elif not takes_any and not (is_whole and name in _OF_EVERY_OBJECT) and name not in known:
            yield _unknown(name, known, (*path, name))


def _unknown(name: str, known: Mapping[str, Any], path: Path) -> Fault:
    near = get_close_matches(name, [other for other in known if isinstance(other, str)], n=1)
    meant = near[0] if near else ""
    hint = f"; did you mean {meant}?" if meant else ""
    return Fault(path, "unknown-field", f"is not known to this kind{hint}", meant)


def _required(schema: Schema, known: Mapping[str, Any], value: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    needed = schema.get("required")
    for name in needed if isinstance(needed, list) else ():
        if not isinstance(name, str) or name in value:
            continue
        if not _has_default(known.get(name)):
            yield Fault((*path, name), "required", "is needed")


def _alternatives(schema: Schema, known: Mapping[str, Any], value: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    """Yield faults against ``oneOf`` and ``anyOf``, where they only list the fields that are needed."""
    for word in ("oneOf", "anyOf"):
        options = _needed_by(schema.get(word))
        names = {name for option in options for name in option}
        # what is null may count or not
        if not options or any(value.get(name, "") is None for name in names):
            continue
        met = sum(all(name in value or _has_default(known.get(name)) for name in option) for option in options)
        if met == 0 or (word == "oneOf" and met > 1):
            amount = "exactly one of" if word == "oneOf" else "at least one of"
            yield Fault(path, "one-of", f"must have {amount}: {', '.join(' with '.join(o) for o in options)}")


def _needed_by(options: Any) -> list[list[str]]:
    """Return the fields that each alternative needs; empty when one says more than that."""
    found: list[list[str]] = []
    for option in options if isinstance(options, list) else ():
        needed = option.get("required") if isinstance(option, Mapping) and len(option) == 1 else None
        if not isinstance(needed, list) or not needed or not all(isinstance(name, str) for name in needed):
            return []
        found.append(needed)
    return found


def _has_default(schema: Any) -> bool:
    return isinstance(schema, Mapping) and schema.get("default") is not None


def _list(schema: Schema, value: list[Any], path: Path, *, is_open: bool) -> Iterator[Fault]:
    yield from _amount(len(value), schema, "Items", "items", path)
    yield from _twice(schema, value, path)
    items = schema.get("items")
    if isinstance(items, Mapping):
        for index, item in enumerate(value):
            yield from _walk(items, item, (*path, index), is_open=is_open)


def _twice(schema: Schema, value: list[Any], path: Path) -> Iterator[Fault]:
    """Yield items of a set, or with the keys of a map, that are there already."""
    kind, keys = schema.get("x-kubernetes-list-type"), schema.get("x-kubernetes-list-map-keys")
    if kind != "set" and not (kind == "map" and isinstance(keys, list) and keys):
        return
    seen: dict[bytes, int] = {}
    for index, item in enumerate(value):
        name = _identity(item, None if kind == "set" else keys)
        if name is None:
            continue
        first = seen.setdefault(name, index)
        if first != index:
            same = "is" if kind == "set" else f"has the same {' and '.join(keys or ())} as"
            yield Fault((*path, index), "duplicate", f"{same} item {first + 1} of the list again")


def _identity(item: Any, keys: Sequence[str] | None) -> bytes | None:
    """Return the bytes by which items are compared; None for one whose keys the API server may fill in."""
    if keys is None:
        return orjson.dumps(item, option=orjson.OPT_SORT_KEYS)
    if not isinstance(item, Mapping) or any(key not in item for key in keys):
        return None
    return orjson.dumps([item[key] for key in keys], option=orjson.OPT_SORT_KEYS)


def _text(schema: Schema, value: str, path: Path) -> Iterator[Fault]:
    yield from _amount(len(value), schema, "Length", "characters", path)
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and len(value) <= LONGEST_MATCHED and not is_match(pattern, value):
        yield Fault(path, "pattern", f"must match {pattern if len(pattern) <= _SHOWN else 'its pattern'}")


def _number(schema: Schema, value: float, path: Path) -> Iterator[Fault]:
    least, most = schema.get("minimum"), schema.get("maximum")
    if isinstance(least, int | float):
        is_out = schema.get("exclusiveMinimum") is True
        if value < least or (is_out and value == least):
            yield Fault(path, "too-small", f"must be {'more than' if is_out else 'at least'} {_shown(least)}")
    if isinstance(most, int | float):
        is_out = schema.get("exclusiveMaximum") is True
        if value > most or (is_out and value == most):
            yield Fault(path, "too-large", f"must be {'less than' if is_out else 'at most'} {_shown(most)}")
    step = schema.get("multipleOf")
    if isinstance(step, int) and isinstance(value, int) and step > 0 and value % step:
        yield Fault(path, "not-a-multiple", f"must be a multiple of {step}")


def _amount(count: int, schema: Schema, what: str, noun: str, path: Path) -> Iterator[Fault]:
    least, most = schema.get(f"min{what}"), schema.get(f"max{what}")
    if isinstance(least, int) and count < least:
        yield Fault(path, "too-few", f"must have at least {least} {noun}")
    if isinstance(most, int) and count > most:
        yield Fault(path, "too-many", f"must have at most {most} {noun}")


def _is_same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value[:_SHOWN] or '""'
    return orjson.dumps(value).decode()[:_SHOWN]
