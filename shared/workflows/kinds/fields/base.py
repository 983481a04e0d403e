"""
The parts of a node type: fields with hints for their form, a manifest function, checks.

A node type is one module with a subclass of :class:`ObjectFields` and one :class:`Kind`; ``kinds/__init__`` lists it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AliasGenerator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from shared.kubernetes import labels
from shared.workflows.drawing.effects import Wired
from shared.workflows.drawing.issues import Issue
from shared.workflows.kinds.fields.types import Annotations, DnsLabel, DnsSubdomain, Labels

Manifest = dict[str, Any]
"""One object, ready to apply."""

Json = dict[str, Any]

HIDDEN = "•••"
"""What stands in place of a secret value wherever people look."""


@dataclass(frozen=True, slots=True)
class Hint:
    """
    How a field is shown in a form; the order is that of the fields.

    :param widget: empty: chosen by the field's JSON type
    :param immutable: a change means that the object is replaced
    :param options_from: where values to choose from come: ``storage-classes``, ``service-accounts``, …
    :param visible_when: a condition on the node's data
    """

    group: str = ""
    widget: str = ""
    title: str = ""
    help: str = ""
    unit: str = ""
    placeholder: str = ""
    advanced: bool = False
    immutable: bool = False
    options_from: str = ""
    visible_when: Mapping[str, Any] | None = None


class Fields(BaseModel):  # type: ignore[pydantic-alias]
    """A group of fields: typed, unknown ones refused; by alias it is written in Kubernetes' spelling."""

    model_config = ConfigDict(  # type: ignore[pydantic-alias]
        extra="forbid",
        strict=True,
        frozen=True,
        alias_generator=AliasGenerator(serialization_alias=to_camel),
        hide_input_in_errors=True,
    )


class NamedFields(Fields):
    """The fields of every node that becomes an object."""

    name: Annotated[DnsSubdomain, Hint("general", "dns-name", immutable=True, help="Name of the object.")]
    labels: Annotated[Labels, Hint("metadata", "map", advanced=True, help="Labels beside those of the platform.")] = {}
    annotations: Annotated[Annotations, Hint("metadata", "map", advanced=True)] = {}


class ObjectFields(NamedFields):
    """The fields of every node whose object belongs to a namespace."""

    namespace: Annotated[
        DnsLabel | None,
        Hint(
            "general",
            "dns-name",
            immutable=True,
            options_from="namespaces",
            help="Left empty: the workflow's namespace, or that of the wired namespace.",
        ),
    ] = None


class Stage(IntEnum):
    """When an object is applied, before dependencies are looked at."""

    NAMESPACES = 0
    FOUNDATION = 1
    WORKLOADS = 2
    FINISH = 3


@dataclass(frozen=True, slots=True)
class CompileContext:
    """
    All that decides the manifests beside the graph.

    :param workflow_slug: made once when the workflow is created; a new name of the workflow does not change it
    :param version: 0 for a graph that is not a version (yet); no version annotation then
    :param namespace: of nodes that name none
    :param secrets: node id → key → value; needs ``secret_versions`` for the same nodes
    :param secret_versions: node id → id of the stored values; stands for the values in digests and checksums
    :param privileged: whether host paths, host networking, privileged containers and cluster-wide rights are allowed
    :param mask_secrets: write ``•••`` instead of values
    """

    workflow_id: str
    workflow_slug: str
    version: int = 0
    namespace: str = "default"
    secrets: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    secret_versions: Mapping[str, str] = field(default_factory=dict)
    privileged: bool = False
    mask_secrets: bool = False

    def __post_init__(self) -> None:
        """Refuse values whose version is unknown: their digest would have to be made of the values."""
        unknown = [
            node_id for node_id, values in self.secrets.items() if values and node_id not in self.secret_versions
        ]
        if unknown:
            msg = f"secret values without a version: {', '.join(sorted(unknown))}"
            raise ValueError(msg)


D = TypeVar("D", bound=NamedFields)
D_co = TypeVar("D_co", bound=NamedFields, covariant=True)
Model = type[D]


@dataclass(frozen=True, slots=True)
class Handle:
    """
    Where wires begin or end on a card.

    :param each: JSON pointer to a list: one handle per item, named ``<id>:<item's id>``
    """

    id: str
    side: Literal["in", "out"]
    title: str
    each: str = ""


@dataclass(frozen=True, slots=True)
class CardRow:
    """One line on a card; ``format`` is how the browser writes the value."""

    path: str
    label: str
    format: str = "text"


IN = Handle("in", "in", "In")
OUT = Handle("out", "out", "Out")

Action = Literal["logs", "terminal", "scale", "restart", "diagnose", "secret_values"]


@dataclass(frozen=True, slots=True)
class Kind(Generic[D]):
    """
    A node type.

    :param icon: key of a lucide icon
    :param name_pattern: names of new nodes; ``{n}`` counts
    :param manifests: pure; gets a node whose data is valid
    :param checks: what cannot be said by the type of one field; gets valid data as well
    :param also_makes: kind, namespace and name of objects beside the one that has the node's name
    :param stage_of: for types whose objects are of several kinds
    :param makes_several: its objects are of several kinds, each with an overlay of its own
    :param replaced: a change of its spec means deleting and making it again
    """

    type: str
    api_version: str
    kind: str
    title: str
    description: str
    category: str
    icon: str
    model: Model[D]
    manifests: Callable[[Subject[D], Wired, CompileContext], list[Manifest]]
    stage: Stage
    name_pattern: str
    keywords: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    handles: tuple[Handle, ...] = (IN, OUT)
    card: tuple[CardRow, ...] = ()
    actions: tuple[Action, ...] = ()
    checks: Callable[[Subject[D], Wired, CompileContext], Iterable[Issue]] | None = None
    also_makes: Callable[[Subject[D], Wired], Iterable[tuple[str, str | None, str]]] | None = None
    stage_of: Callable[[Manifest], Stage] | None = None
    namespaced: bool = True
    replaced: bool = False
    makes_several: bool = False

    @property
    def is_typed(self) -> bool:
        """Whether the form decides the object's kind; only then there can be something beyond the form."""
        return bool(self.kind)


@dataclass(frozen=True, slots=True)
class Subject(Generic[D_co]):
    """A node whose data was read: what manifest functions and rules work on."""

    id: str
    kind: Kind[Any]
    data: D_co
    name: str
    namespace: str | None
    overlay: Json | None = None
    """Fields of its objects beyond the form."""

    def labels(self, context: CompileContext) -> dict[str, str]:
        """Return the labels of the object: people's and ours."""
        return {
            **self.data.labels,
            **labels.object_labels(
                workflow_id=context.workflow_id,
                workflow_slug=context.workflow_slug,
                node_id=self.id,
                name=self.name,
            ),
        }

    def selector(self, context: CompileContext) -> dict[str, str]:
        """Return the labels that select its pods."""
        return labels.selector_labels(workflow_id=context.workflow_id, node_id=self.id)

    def error(self, code: str, message: str, path: str = "", **more: Any) -> Issue:
        """Return an error of this node."""
        return Issue(node_id=self.id, path=path, code=code, message=message, **more)

    def warning(self, code: str, message: str, path: str = "", **more: Any) -> Issue:
        """Return a doubt about this node."""
        return Issue(node_id=self.id, path=path, code=code, message=message, severity="warning", **more)


def make_manifest(
    subject: Subject[Any],
    context: CompileContext,
    *,
    api_version: str | None = None,
    kind: str | None = None,
    namespace: str | None = None,
    **body: Any,
) -> Manifest:
    """
    Return an object with its metadata.

    :param namespace: None is the node's; an empty text is none at all
    :param body: what stands beside the metadata (``spec``, ``data``)
    """
    metadata: Json = {"name": subject.name}
    place = subject.namespace if namespace is None else namespace
    if place:
        metadata["namespace"] = place
    metadata["labels"] = subject.labels(context)
    annotations = dict(subject.data.annotations)
    if context.version:
        annotations[labels.VERSION] = str(context.version)
    if annotations:
        metadata["annotations"] = annotations
    return {
        "apiVersion": api_version or subject.kind.api_version,
        "kind": kind or subject.kind.kind,
        "metadata": metadata,
        **body,
    }


def dump(fields: Fields, *, without: set[str] | None = None) -> Json:
    """Return fields in Kubernetes' spelling, without those that are empty."""
    return compact(fields.model_dump(by_alias=True, exclude_none=True, exclude=without))


def compact(values: Mapping[str, Any]) -> Json:
    """Return values without None and empty lists or objects, at every depth; zero, false and empty text stay."""
    return {key: item for key, item in ((key, _compact(value)) for key, value in values.items()) if not _empty(item)}


def _compact(value: Any) -> Any:
    if isinstance(value, dict):
        return compact(value)
    if isinstance(value, list):
        return [_compact(item) for item in value]
    return value


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, (dict, list)) and not value)
