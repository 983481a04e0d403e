"""
The words of Kubernetes as types: names, ports, quantities, images, labels, paths.

Each says in a sentence what would be right, and gives its pattern to the JSON Schema, so that the browser and the
server judge alike. Patterns are written for both Python and ECMAScript.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from shared.kubernetes import labels


@dataclass(frozen=True, slots=True)
class Text:
    """
    A text that must match as a whole.

    :param pattern: anchored by ``^`` and ``$`` in the schema, matched in full here
    :param right: what would be right, completing "must be …"
    """

    pattern: str
    right: str
    longest: int = 253
    shortest: int = 1

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check the pattern after the text is known to be one."""
        matches = re.compile(self.pattern).fullmatch
        longest, shortest = self.longest, self.shortest
        message = f"must be {self.right}"

        def matching(value: str) -> str:
            if not shortest <= len(value) <= longest or matches(value) is None:
                raise PydanticCustomError("not-right", "{right}", {"right": message})
            return value

        return core_schema.no_info_after_validator_function(matching, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the same rule as JSON Schema, for the browser."""
        described = handler(schema)
        described.update(pattern=f"^(?:{self.pattern})$", minLength=self.shortest, maxLength=self.longest)
        described["description"] = f"Must be {self.right}."
        return described


def refuse(right: str) -> PydanticCustomError:
    """Return the error whose sentence is ``must be <right>``."""
    return PydanticCustomError("not-right", "{right}", {"right": f"must be {right}"})


def _number_as_text(value: object) -> object:
    """Take ``8080`` where a text is wanted that may be a number; JSON knows no type that is both."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return repr(value)
    return value


_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_QUALIFIED = r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
_SUBDOMAIN = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*"
_HOST = _SUBDOMAIN

DnsLabel = Annotated[
    str,
    Text(_LABEL, "lower case letters, digits and hyphens, beginning and ending with a letter or digit (web-1)", 63),
]
"""A DNS-1123 label: names of namespaces, workloads and whatever becomes part of a host name."""

DnsLabelLetter = Annotated[
    str,
    Text(
        r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
        "lower case letters, digits and hyphens, beginning with a letter (web-1)",
        63,
    ),
]
"""A DNS-1035 label: names of Services."""

ShortName = Annotated[
    str,
    Text(
        r"[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?",
        "at most 52 lower case letters, digits and hyphens, beginning and ending with a letter or digit, because "
        "the cluster appends to it (nightly-report)",
        52,
    ),
]
"""A DNS-1123 label that leaves room for what Kubernetes appends to names of CronJobs and StatefulSet pods."""

DnsSubdomain = Annotated[
    str,
    Text(
        _SUBDOMAIN,
        "lower case letters, digits, hyphens and dots, each part beginning and ending with a letter or digit "
        "(web-config)",
    ),
]
"""A DNS-1123 subdomain: most other names."""

HostName = Annotated[str, Text(_HOST, "a host name such as shop.example.com")]
WildcardHost = Annotated[
    str, Text(r"(\*\.)?" + _HOST, "a host name such as shop.example.com, or *.example.com for one level below it")
]

PortNumber = Annotated[int, Field(ge=1, le=65535)]
NodePort = Annotated[int, Field(ge=1, le=65535)]

_PORT_NAME = r"[a-z0-9]+(-[a-z0-9]+)*"


def _has_letter(value: str) -> str:
    if not any(character.isalpha() for character in value):
        raise refuse("a port name with at least one letter (http)")
    return value


PortName = Annotated[
    str,
    Text(_PORT_NAME, "at most 15 lower case letters, digits and single hyphens, with at least one letter (http)", 15),
    AfterValidator(_has_letter),
]


def _port_in_range(value: str) -> str:
    if value.isdigit() and not 1 <= int(value) <= 65535:  # noqa: PLR2004 - the highest port
        raise refuse("a port number from 1 to 65535, or the name of a port (http)")
    return value


PortRef = Annotated[
    str,
    BeforeValidator(_number_as_text),
    Text(r"[0-9]{1,5}|[a-z0-9]+(-[a-z0-9]+)*", "a port number from 1 to 65535, or the name of a port (http)", 15),
    AfterValidator(_port_in_range),
]
"""A container's port by its number or name, written as text."""

IntOrPercent = Annotated[
    str,
    BeforeValidator(_number_as_text),
    Text(r"[0-9]{1,9}|[0-9]{1,3}%", "a number (1) or a percentage (25%)", 9),
]

Quantity = Annotated[
    str,
    BeforeValidator(_number_as_text),
    Text(
        r"([0-9]+(\.[0-9]*)?|\.[0-9]+)(Ki|Mi|Gi|Ti|Pi|Ei|m|k|M|G|T|P|E|n|u|[eE][+-]?[0-9]{1,2})?",
        "a quantity: a number with an optional unit, such as 500m, 0.5, 128Mi or 2Gi",
        32,
    ),
]


def _is_more_than_dust(value: str) -> str:
    """Refuse thousandths of bytes: ``512m`` of memory is half a byte, and always a slip for 512Mi."""
    if value.endswith(("m", "u", "n")):
        raise refuse(f"an amount of bytes such as {value[:-1]}Mi; the unit m means thousandths")
    return value


Bytes = Annotated[Quantity, AfterValidator(_is_more_than_dust)]
"""Memory or storage."""

_REGISTRY = r"([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?"
_IMAGE_PART = r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"
ImageReference = Annotated[
    str,
    Text(
        rf"({_REGISTRY}/)?{_IMAGE_PART}(/{_IMAGE_PART})*(:[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?"
        r"(@sha256:[a-f0-9]{64})?",
        "an image such as nginx:1.29, ghcr.io/team/shop:2.1 or name@sha256:…, without spaces",
        512,
    ),
]

LabelValue = Annotated[
    str,
    Text(
        rf"({_QUALIFIED})?",
        "at most 63 letters, digits, hyphens, underscores and dots, beginning and ending with a letter or digit",
        63,
        0,
    ),
]


def _key_parts_fit(value: str) -> str:
    prefix, separator, name = value.rpartition("/")
    if len(name) > 63 or (separator and len(prefix) > 253):  # noqa: PLR2004 - Kubernetes' limits
        raise refuse("a key whose name has at most 63 and whose prefix has at most 253 characters")
    return value


def _not_reserved(value: str) -> str:
    if labels.is_reserved(value):
        raise refuse(f"another key: {value} is set by the platform")
    return value


QualifiedKey = Annotated[
    str,
    Text(
        rf"({_SUBDOMAIN}/)?{_QUALIFIED}",
        "a key such as tier or example.com/tier: letters, digits, hyphens, underscores and dots",
        317,
    ),
    AfterValidator(_key_parts_fit),
]
LabelKey = Annotated[QualifiedKey, AfterValidator(_not_reserved)]
"""A label's or annotation's key that people set; ours are refused."""

Labels = dict[LabelKey, LabelValue]
SelectorLabels = dict[QualifiedKey, LabelValue]

LARGEST_ANNOTATIONS = 256 * 1024


def _small_enough(value: dict[str, str]) -> dict[str, str]:
    if sum(len(key) + len(text.encode()) for key, text in value.items()) > LARGEST_ANNOTATIONS:
        raise refuse("at most 256 KiB of annotations together")
    return value


Annotations = Annotated[dict[LabelKey, str], AfterValidator(_small_enough)]

EnvName = Annotated[
    str, Text(r"[A-Za-z_.-][A-Za-z0-9_.-]*", "a variable's name: letters, digits, underscores (DATABASE_URL)", 255)
]
ConfigKey = Annotated[
    str,
    Text(
        r"[A-Za-z0-9_-][A-Za-z0-9._-]*|\.[A-Za-z0-9_-][A-Za-z0-9._-]*|\.\.[A-Za-z0-9_-][A-Za-z0-9._-]*",
        "a key: letters, digits, dots, hyphens and underscores (app.properties)",
    ),
]
"""A key of a ConfigMap or Secret; becomes a file's name."""

RESERVED = frozenset({"apiVersion", "kind", "metadata", "status", "spec"})
"""Fields of every object; a custom resource has them from its node, never from its body."""


def _own_field(path: str) -> str:
    _, place, field, *_ = path.split("/")
    if place == "body" and field in RESERVED:
        raise refuse(f"the path of a field beside {', '.join(sorted(RESERVED))}")
    return path


FieldPath = Annotated[
    str,
    Text(
        r"/(spec|body)(/([^/~\x00-\x1f]|~0|~1)+)+",
        "the path of a field, such as /spec/issuerRef/name; list items by number",
        500,
    ),
    AfterValidator(_own_field),
]
"""A JSON pointer into the spec or the other fields of a custom resource."""

AbsolutePath = Annotated[str, Text(r"/[^:\x00-\x1f]*", "an absolute path without a colon (/etc/app)", 1024)]


def _stays_inside(value: str) -> str:
    if ".." in value.split("/"):
        raise refuse("a path below the volume, without ..")
    return value


RelativePath = Annotated[
    str,
    Text(r"[^/\x00-\x1f][^\x00-\x1f]*", "a path below the volume, such as conf/app.yaml", 1024),
    AfterValidator(_stays_inside),
]
UrlPath = Annotated[str, Text(r"/[^\s]*", "a path beginning with / (/healthz)", 1024)]
FileMode = Annotated[str, Text(r"0?[0-7]{3}", "a file mode in octal, such as 0644", 4)]
"""Octal text; Kubernetes takes the number."""

ItemId = Annotated[
    str, Text(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", "at most 32 lower case letters, digits and hyphens", 32)
]
"""What names an item of a list, so that wires stay with it when items change places."""


def mode_number(mode: str) -> int:
    """Read a file mode: ``0644`` is 420."""
    return int(mode, 8)


def port_number_or_name(port: str) -> int | str:
    """Return a port as Kubernetes takes it: a number when it is one."""
    return int(port) if port.isdigit() else port


def int_or_percent(value: str) -> int | str:
    """Return an amount as Kubernetes takes it: a number, or the percentage as text."""
    return int(value) if value.isdigit() else value


_SUFFIXES = {
    "": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50, "Ei": 2.0**60,
}  # fmt: skip


def amount(quantity: str) -> float:
    """Return a quantity as a number, for comparing requests with limits."""
    number = re.match(r"[0-9.]+", quantity)
    text = number.group() if number else "0"
    suffix = quantity[len(text) :]
    return float(text) * _SUFFIXES[suffix] if suffix in _SUFFIXES else float(quantity)
