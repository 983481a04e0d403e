"""
Hints of forms: title, widget, group and help of every field.

They are keyed by JSON pointers into the data, where ``*`` stands for any item of a list or value of a map.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from shared.workflows.drawing.issues import pointer
from shared.workflows.kinds.fields.base import Hint
from shared.workflows.kinds.fields.structure import Shape, shape_of


def form_hints(model: type[BaseModel]) -> dict[str, dict[str, Any]]:
    """Return a form's hints by JSON pointer, in the order of the fields."""
    hints: dict[str, dict[str, Any]] = {}
    for path, name, info in _walk(Shape("model", model=model), ""):
        if path not in hints:
            hints[path] = _hint(name, info, len(hints))
    return hints


def _walk(shape: Shape, path: str) -> Iterator[tuple[str, str, FieldInfo]]:
    if shape.kind == "model" and shape.model is not None:
        for name, info in shape.model.model_fields.items():
            here = path + pointer(name)
            yield here, name, info
            yield from _walk(shape_of(info.annotation), here)
    elif shape.kind == "union":
        for variant in shape.variants.values():
            yield from _walk(Shape("model", model=variant), path)
    elif shape.kind in {"list", "map"}:
        yield from _walk(shape_of(shape.item), f"{path}/*")


def _hint(name: str, info: FieldInfo, order: int) -> dict[str, Any]:
    hint = next((item for item in info.metadata if isinstance(item, Hint)), Hint())
    values: dict[str, Any] = {
        "group": hint.group or "general",
        "order": order,
        "widget": hint.widget or _widget(info),
        "title": hint.title or title_of(name),
    }
    optional = {
        "help": hint.help,
        "unit": hint.unit,
        "placeholder": hint.placeholder,
        "advanced": hint.advanced,
        "immutable": hint.immutable,
        "options_from": hint.options_from,
        "visible_when": dict(hint.visible_when) if hint.visible_when else None,
    }
    return values | {key: value for key, value in optional.items() if value}


def _widget(info: FieldInfo) -> str:
    shape = shape_of(info.annotation)
    if shape.kind == "list":
        return "list" if shape_of(shape.item).kind == "leaf" else "repeater"
    if shape.kind != "leaf":
        return {"model": "object", "map": "map", "union": "one-of"}[shape.kind]
    kinds = set(_leaves(info.annotation))
    if bool in kinds:
        return "toggle"
    if "choice" in kinds:
        return "select"
    return "number" if int in kinds else "text"


def _leaves(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _leaves(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for part in get_args(annotation):
            yield from _leaves(part)
    elif origin is Literal:
        yield "choice"
    else:
        yield annotation


_CAPITALS = {
    **{word: word.upper() for word in ("dns", "ip", "tcp", "http", "tls", "cpu", "tty", "pid", "url", "ttl", "uid")},
    "id": "ID",
    "fs": "FS",
    "linux": "Linux",
}


def title_of(name: str) -> str:
    """Return a field's name as a person reads it: ``host_pid`` is *Host PID*."""
    words = [_CAPITALS.get(word, word) for word in name.removesuffix("_seconds").split("_")]
    first = words[0] if words[0] != words[0].lower() else words[0].capitalize()
    return " ".join([first, *words[1:]])
