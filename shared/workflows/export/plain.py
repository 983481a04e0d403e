"""
One YAML file with every object, and with the graph it came from in comments.

Read back, the file gives the very graph again, positions included. What was changed in the objects since is noticed:
then the comments are no longer true, and the file is an ordinary manifest.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import textwrap
import zlib

import orjson
from pydantic import ValidationError

from shared import yaml_text
from shared.errors import InvalidInput
from shared.workflows.drawing.graph import LARGEST_GRAPH_BYTES, Graph
from shared.workflows.export.documents import Source

_MARK = "# kubeorch-graph/1 "
_WIDTH = 100


def render(source: Source) -> str:
    """Write every object, and the graph as comments at the end."""
    body = yaml_text.dump_all(document.manifest for document in source.documents)
    packed = zlib.compress(orjson.dumps(source.graph.to_raw(), option=orjson.OPT_SORT_KEYS), 9)
    lines = textwrap.wrap(base64.b64encode(packed).decode(), _WIDTH)
    head = (
        f"# The workflow {source.name}. Secret values are placeholders.\n"
        "# The comments at the end hold its drawing; they are no longer used once the objects are changed by hand.\n"
    )
    return head + body + "".join(f"{_MARK}{line}\n" for line in [_digest(body), *lines])


def read_back(text: str) -> Graph:
    """
    Return the graph of a file that :func:`render` wrote.

    :raises InvalidInput: code ``no-graph`` (it has none), ``export-changed`` (its objects were changed by hand), or
        ``invalid-graph``
    """
    marked = [line.removeprefix(_MARK) for line in _lines(text) if line.startswith(_MARK)]
    if not marked:
        raise InvalidInput("This file holds no drawing of a workflow.", code="no-graph")
    digest, *lines = marked
    if digest != _digest(text):
        raise InvalidInput(
            "The objects in this file were changed after it was exported, so its drawing is no longer true. "
            "Import it as ordinary YAML.",
            code="export-changed",
        )
    try:
        return Graph.model_validate(orjson.loads(_unpack("".join(lines))))
    except (ValueError, binascii.Error, zlib.error, ValidationError) as error:
        raise InvalidInput("The drawing in this file is damaged.", code="invalid-graph") from error


def _unpack(text: str) -> bytes:
    """Unpack no more than a graph may have: a small file must not become a large one."""
    unpacker = zlib.decompressobj()
    content = unpacker.decompress(base64.b64decode(text, validate=True), LARGEST_GRAPH_BYTES + 1)
    if len(content) > LARGEST_GRAPH_BYTES or not unpacker.eof:
        msg = "larger than a graph may be"
        raise ValueError(msg)
    return content


def _digest(text: str) -> str:
    """Return a digest over the objects alone; our comments all stand at the beginning of a line."""
    kept = "".join(f"{line}\n" for line in _lines(text) if line and not line.startswith("# "))
    return hashlib.sha256(kept.encode()).hexdigest()


def _lines(text: str) -> list[str]:
    # an editor may have changed the ends of lines
    return text.replace("\r\n", "\n").split("\n")
