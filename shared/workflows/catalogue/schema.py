"""
Forms as JSON Schema, in the subset that a browser compiles without ``eval``.

Draft 2020-12, local ``$ref``, ``oneOf`` with a ``const`` that tells the variants apart, nothing conditional.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

ALLOWED_KEYWORDS = frozenset(
    {
        *("type", "properties", "required", "additionalProperties", "propertyNames", "items", "enum", "const"),
        *("oneOf", "$ref", "$defs", "minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength", "pattern"),
        *("minItems", "maxItems", "maxProperties", "description", "default"),
    }
)


def form_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return a form's JSON Schema in the subset the browser understands."""
    raw = model.model_json_schema(mode="validation")
    cleaned: dict[str, Any] = _clean(raw)
    return cleaned


def _clean(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_clean(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "anyOf" in schema:
        options = [option for option in schema["anyOf"] if option != {"type": "null"}]
        if len(options) == 1:
            schema = {**options[0], **{key: value for key, value in schema.items() if key != "anyOf"}}
    if "patternProperties" in schema:
        [(pattern, values)] = schema["patternProperties"].items()
        names = {**schema.get("propertyNames", {}), "pattern": pattern}
        schema = {**schema, "propertyNames": names, "additionalProperties": values}
    dropped = {"title", "discriminator", "patternProperties"}
    if schema.get("default", 0) is None:
        dropped.add("default")
    return {
        key: _clean_members(value) if key in {"properties", "$defs"} else _clean_keyword(key, value)
        for key, value in schema.items()
        if key not in dropped
    }


def _clean_members(members: Mapping[str, Any]) -> dict[str, Any]:
    """Clean each schema of a map of schemas, whose keys are names and no keywords."""
    return {name: _clean(schema) for name, schema in members.items()}


def _clean_keyword(keyword: str, value: Any) -> Any:
    return value if keyword in {"default", "const", "enum", "required"} else _clean(value)


def foreign_keywords(schema: Any, place: str = "") -> Iterator[str]:
    """Yield the place of every keyword outside the subset."""
    if isinstance(schema, list):
        for index, item in enumerate(schema):
            yield from foreign_keywords(item, f"{place}/{index}")
    elif isinstance(schema, dict):
        for keyword, value in schema.items():
            here = f"{place}/{keyword}"
            if keyword not in ALLOWED_KEYWORDS:
                yield here
            elif keyword in {"properties", "$defs"}:
                for name, member in value.items():
                    yield from foreign_keywords(member, f"{here}/{name}")
            elif keyword == "$ref" and not str(value).startswith("#/$defs/"):
                yield here
            elif keyword not in {"default", "const", "enum", "required"}:
                yield from foreign_keywords(value, here)
