"""Walk the structure of a form's models: for places of mistakes, for hints, for schemas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel


@dataclass(frozen=True)
class Shape:
    """
    The structure of an annotation.

    :param model: for ``model``
    :param item: annotation of the items, for ``list`` and ``map``
    :param variants: tag → model, for ``union``
    :param tag: the field that holds the tag
    """

    kind: Literal["model", "list", "map", "union", "leaf"]
    model: type[BaseModel] | None = None
    item: Any = None
    variants: dict[str, type[BaseModel]] = field(default_factory=dict)
    tag: str = ""


LEAF = Shape("leaf")


def shape_of(annotation: Any) -> Shape:
    """Return the structure of an annotation, optional or annotated as it may be."""
    bare = _bare(annotation)
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return Shape("model", model=bare)
    origin, arguments = get_origin(bare), get_args(bare)
    if origin is list:
        return Shape("list", item=arguments[0])
    if origin is dict:
        return Shape("map", item=arguments[1])
    if origin in (Union, UnionType):
        models = [_bare(part) for part in arguments]
        if all(isinstance(model, type) and issubclass(model, BaseModel) for model in models):
            tag = tag_of(models[0])
            return Shape("union", variants={tag_value(model, tag): model for model in models}, tag=tag)
    return LEAF


def _bare(annotation: Any) -> Any:
    """Take off ``Annotated`` and ``| None``."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
            continue
        if get_origin(annotation) in (Union, UnionType):
            parts = [part for part in get_args(annotation) if part is not type(None)]
            if len(parts) == 1:
                annotation = parts[0]
                continue
        return annotation


def tag_of(model: type[BaseModel]) -> str:
    """Return the field that tells variants apart: the first one with a single possible value."""
    return next(
        name
        for name, info in model.model_fields.items()
        if get_origin(info.annotation) is Literal and info.is_required() and len(get_args(info.annotation)) == 1
    )


def tag_value(model: type[BaseModel], tag: str) -> str:
    """Return the value of a variant's tag."""
    return str(get_args(model.model_fields[tag].annotation)[0])


@cache
def _fields(model: type[BaseModel]) -> dict[str, Shape]:
    return {name: shape_of(info.annotation) for name, info in model.model_fields.items()}


def place_in_data(location: Sequence[int | str], model: type[BaseModel]) -> Iterator[int | str]:
    """
    Turn the location of one of pydantic's errors into a place in the data.

    Locations also name the chosen variant of a union, and whether it was a key; neither is a step in the data.
    """
    shape = Shape("model", model=model)
    for part in location:
        if part == "[key]":
            return
        if shape.kind == "union":
            variant = shape.variants.get(str(part))
            shape = Shape("model", model=variant) if variant else LEAF
            continue
        yield part
        if shape.kind == "model" and shape.model is not None:
            shape = _fields(shape.model).get(str(part), LEAF)
        elif shape.kind in {"list", "map"}:
            shape = shape_of(shape.item)
