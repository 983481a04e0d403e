"""
A plugin: a description of an operator's kinds, built in or written by an administrator.

Checked as far as it can be without the operator: paths that do not contradict each other, defaults that fit their
fields, patterns that every reader understands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.kubernetes.crds import BUILT_IN_GROUPS
from shared.storage.documents import Document
from shared.workflows.crds.patterns import is_match, portable
from shared.workflows.drawing.issues import parts_of
from shared.workflows.kinds.fields.types import RESERVED, refuse

MOST_NODE_TYPES = 20
MOST_FIELDS = 60
LARGEST_PLUGIN = 32 * 1024
"""Bytes of one plugin as JSON."""
DEEPEST_PATH = 12
LARGEST_INDEX = 9
"""Lists in a path are short: a field is one entry, not a table."""

FieldType = Literal["string", "text", "integer", "number", "boolean", "quantity", "list", "map"]
Category = Literal[
    "backup",
    "cicd",
    "database",
    "messaging",
    "ml",
    "monitoring",
    "networking",
    "policy",
    "scaling",
    "security",
    "storage",
    "virtualization",
    "workflow",
]

QUANTITY = r"^([+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE][+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)))?$"
_IS_QUANTITY = re.compile(QUANTITY)
_SAFE = 2**53 - 1


def _no_control(value: str) -> str:
    if any(ord(character) < ord(" ") and character not in "\n\t" for character in value):
        raise refuse("text without control characters")
    return value


def _portable(value: str) -> str:
    if portable(value) is None:
        raise refuse("a pattern that Go, Python and browsers read alike: no groups with ?, no back references")
    return value


def _link(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value):
        raise refuse("a link that begins with https:// or http://")
    return value


def _of_an_extension(value: str) -> str:
    if value in BUILT_IN_GROUPS:
        raise refuse("the group of an extension (cert-manager.io); built-in kinds have nodes of their own")
    return value


def _path(value: str) -> str:
    tokens = tokens_of(value)
    if len(tokens) > DEEPEST_PATH:
        raise refuse(f"a path of at most {DEEPEST_PATH} steps")
    if isinstance(tokens[0], int) or isinstance(tokens[-1], int):
        raise refuse("a path that begins and ends with a name; for a whole list, take the type list")
    if any(isinstance(token, int) and token > LARGEST_INDEX for token in tokens):
        raise refuse(f"a path whose places in lists are at most {LARGEST_INDEX}")
    return value


def tokens_of(path: str) -> list[str | int]:
    """Return the steps of a JSON pointer; digits alone are places in lists."""
    return [int(part) if re.fullmatch(r"0|[1-9][0-9]?", part) else part for part in parts_of(path)]


Line = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$"), AfterValidator(_no_control)
]
Word = Annotated[str, StringConstraints(min_length=1, max_length=60), AfterValidator(_no_control)]
_ADDRESSES = frozenset({"enabled", "categories"})


def _no_address(value: str) -> str:
    if value in _ADDRESSES:
        raise refuse("an id that is no address of the API")
    return value


Identity = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]


class PluginField(BaseModel):
    """A field of a short form: the place of its value in the object, and its input."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    path: Annotated[
        str,
        StringConstraints(min_length=2, max_length=500, pattern=r"^(/([^/~\x00-\x1f]|~0|~1)+)+$"),
        AfterValidator(_path),
    ] = Field(description="JSON pointer in the spec, or in what stands beside it: `/storage/size`.")
    place: Literal["spec", "body"] = Field("spec", alias="in", description="`body`: beside the spec.")
    title: Line
    type: FieldType
    required: bool = False
    default: Any = None
    options: list[Word] = Field(default_factory=list, max_length=50)
    help: Annotated[str, StringConstraints(max_length=300), AfterValidator(_no_control)] = ""
    placeholder: Annotated[str, StringConstraints(max_length=200), AfterValidator(_no_control)] = ""
    minimum: int | None = Field(None, ge=-_SAFE, le=_SAFE)
    maximum: int | None = Field(None, ge=-_SAFE, le=_SAFE)
    pattern: Annotated[str, StringConstraints(max_length=500), AfterValidator(_portable)] | None = None

    @property
    def tokens(self) -> tuple[str | int, ...]:
        """The steps from the node's data to the value."""
        return (self.place, *tokens_of(self.path))

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.place == "body" and tokens_of(self.path)[0] in RESERVED:
            raise refuse(f"a field beside {', '.join(sorted(RESERVED))}")
        if self.options and self.type != "string":
            raise refuse("a field of type string, when it has options")
        if (self.minimum is not None or self.maximum is not None) and self.type not in {"integer", "number"}:
            raise refuse("a number, when it has a minimum or maximum")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise refuse("a field whose minimum is not above its maximum")
        if self.pattern is not None and (self.options or self.type not in {"string", "text"}):
            raise refuse("a text without options, when it has a pattern")
        wrong = self.objection(self.default) if self.default is not None else ""
        if wrong:
            raise refuse(f"a field whose default is {wrong}")
        return self

    def objection(self, value: Any) -> str:
        """Return the demand that a value does not meet, in words; empty when it meets all."""
        fits, right = _fits(self.type, value)
        if not fits:
            return right
        if self.options and value not in self.options:
            return f"one of {', '.join(self.options)}"
        if self.type in {"integer", "number"}:
            low, high = self.minimum, self.maximum
            if (low is not None and value < low) or (high is not None and value > high):
                return "within its minimum and maximum"
        if self.pattern is not None and not is_match(self.pattern, value):
            return "as its pattern says"
        return ""


def _fits(kind: FieldType, value: Any) -> tuple[bool, str]:
    """Return True for a value of a type, and the name of the type in words."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    match kind:
        case "boolean":
            return isinstance(value, bool), "true or false"
        case "integer":
            return isinstance(value, int) and is_number and abs(value) <= _SAFE, "a whole number"
        case "number":
            return is_number and abs(value) <= _SAFE, "a number"
        case "quantity":
            is_right = is_number or (isinstance(value, str) and _IS_QUANTITY.match(value) is not None)
            return is_right, "a quantity, such as 500m or 10Gi"
        case "list":
            return isinstance(value, list) and all(isinstance(item, str) for item in value), "a list of texts"
        case "map":
            is_right = isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
            return is_right, "an object whose values are texts"
    return isinstance(value, str), "a text"


class PluginNodeType(BaseModel):
    """
    A kind as a node type.

    :param versions: of the kind, the best first
    :param spec: what every new node has in its spec, beside the defaults of the fields
    :param example: a whole spec, or ``{spec, body}``
    """

    model_config = ConfigDict(extra="forbid")

    id: Identity
    title: Line
    description: Line
    group: Annotated[
        str,
        StringConstraints(max_length=253, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$"),
        AfterValidator(_of_an_extension),
    ]
    versions: list[Annotated[str, StringConstraints(pattern=r"^v[0-9]{1,4}((alpha|beta)[0-9]{1,4})?$")]] = Field(
        min_length=1, max_length=8
    )
    kind: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]{0,62}$")]
    plural: Annotated[str, StringConstraints(pattern=r"^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$")]
    namespaced: bool = True
    keywords: list[Word] = Field(default_factory=list, max_length=20)
    spec: dict[str, Any] = Field(default_factory=dict)
    fields: list[PluginField] = Field(min_length=1, max_length=MOST_FIELDS)
    example: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> Self:
        check_paths(self.fields)
        for field in self.fields:
            if _is_blocked({"spec": self.spec}, field.tokens):
                raise refuse(f"a node type whose spec leaves room for {field.path}")
        return self


def check_paths(fields: Iterable[PluginField]) -> None:
    """
    Refuse paths that contradict each other: the same twice, one inside another, a list that is also an object.

    :raises PydanticCustomError: which path
    """
    leaves: set[tuple[str | int, ...]] = set()
    shapes: dict[tuple[str | int, ...], type] = {}
    for field in fields:
        tokens = field.tokens
        for length, token in enumerate(tokens):
            before = tokens[:length]
            if before in leaves or shapes.setdefault(before, type(token)) is not type(token):
                raise refuse(f"a node type whose paths agree; {field.path} does not with one before it")
        if tokens in shapes or tokens in leaves:
            raise refuse(f"a node type whose paths agree; {field.path} stands twice or has fields inside")
        leaves.add(tokens)


def _is_blocked(data: Any, tokens: tuple[str | int, ...]) -> bool:
    """Whether something else stands where a path leads through."""
    for token in tokens:
        if isinstance(token, int):
            if not isinstance(data, list):
                return True
            if token >= len(data):
                return False
        elif not isinstance(data, dict):
            return True
        elif token not in data:
            return False
        data = data[token]
    return False


class PluginDefinition(BaseModel):
    """
    A plugin.

    :param version: of the operator it was written for
    :param homepage: documentation of the operator
    """

    model_config = ConfigDict(extra="forbid")

    id: Annotated[Identity, AfterValidator(_no_address)]
    name: Line
    description: Line
    category: Category
    version: Word
    homepage: Annotated[str, StringConstraints(max_length=500), AfterValidator(_link)]
    node_types: list[PluginNodeType] = Field(min_length=1, max_length=MOST_NODE_TYPES)

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name, values in (
            ("ids", [item.id for item in self.node_types]),
            ("kinds", [(item.group, item.kind) for item in self.node_types]),
        ):
            if len(set(values)) < len(values):
                raise refuse(f"a plugin whose node types have different {name}")
        try:
            size = len(orjson.dumps(self.model_dump(by_alias=True)))
        except (orjson.JSONEncodeError, RecursionError) as error:
            raise refuse("a plugin of plain JSON values") from error
        if size > LARGEST_PLUGIN:
            raise refuse(f"at most {LARGEST_PLUGIN // 1024} KiB of JSON, not {size // 1024 + 1}")
        return self

    @property
    def kinds(self) -> Iterator[str]:
        """The kinds it describes."""
        return (item.kind for item in self.node_types)


class OwnPlugin(Document):
    """
    A plugin that an administrator has written, for everybody.

    :param definition: as JSON, because keys inside may be anything
    """

    definition: str
    revision: int = 1
    created_by: str
    created_at: datetime
    updated_at: datetime

    def read(self) -> PluginDefinition:
        """Return the definition."""
        return PluginDefinition.model_validate_json(self.definition)


class Use(BaseModel):
    """A node that was made from a plugin, or could have been: its kind is one of the plugin's."""

    workflow_id: str
    workflow_name: str
    node_id: str
    node_name: str
    kind: str
