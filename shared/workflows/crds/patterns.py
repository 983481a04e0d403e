r"""
Regular expressions of CustomResourceDefinitions, rewritten so that Go, Python and a browser read them alike.

A CRD's patterns are Go's (https://pkg.go.dev/regexp/syntax). What means the same everywhere is kept, classes such as
``\d`` are written out, and a pattern with anything else is given up: the cluster checks it anyway, and a form that
refuses what the cluster takes would be worse than one that says nothing.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import re2

LONGEST = 1000
LARGEST_PATTERN = 256 * 1024
"""Bytes that a pattern may take in memory; the API server reads a larger one alone."""
_CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": "\\t\\n\\f\\r "}
_CONTROLS = {"t", "n", "r", "f", "v"}
_SYNTAX = frozenset("^$\\.*+?()[]{}|")
_IN_CLASS = frozenset("\\]^-[|")
_REPEAT = re.compile(r"\{[0-9]{1,4}(,[0-9]{0,4})?\}")
_HEX = re.compile(r"x[0-9A-Fa-f]{2}")
_FARTHEST = 0xFFFF


class _Foreign(Exception):
    """The pattern says something that not all three read alike."""


def portable(pattern: str) -> str | None:
    """Return the pattern as Python and ECMAScript read it like Go does, or None when that cannot be had."""
    if not pattern or len(pattern) > LONGEST or any(ord(character) > _FARTHEST for character in pattern):
        return None
    try:
        rewritten = "".join(_parts(pattern))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(rewritten)
    except (_Foreign, re.error, Warning, OverflowError, RecursionError):
        return None
    return rewritten


def is_match(pattern: str, value: str) -> bool:
    """Whether a text matches; a pattern that cannot be tried is taken to match."""
    try:
        matcher = _matcher(pattern)
        return matcher is None or matcher.search(value) is not None
    except UnicodeEncodeError:
        # half a character is no text that RE2 could read
        return True


@lru_cache(maxsize=512)
def _matcher(pattern: str) -> Any:
    """
    Return a pattern as the API server's Go reads it, or None when it is too large.

    Patterns are foreign, and Python's own could take for ever; RE2 has Go's syntax and takes time by the text's length.
    https://github.com/google/re2/wiki/Syntax
    """
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = LARGEST_PATTERN
    try:
        return re2.compile(pattern, options)
    except re2.error:
        return None


def _parts(pattern: str) -> Iterator[str]:
    at, repeatable = 0, False
    while at < len(pattern):
        character = pattern[at]
        if character == "\\":
            text, at = _escape(pattern, at + 1, in_class=False)
        elif character == "[":
            text, at = _class(pattern, at + 1)
        elif character in "*+?" or (character == "{" and _REPEAT.match(pattern, at)):
            if not repeatable:
                raise _Foreign
            text, at = _quantifier(pattern, at)
            repeatable = False
            yield text
            continue
        elif character == "(":
            text, at = _group(pattern, at)
        else:
            text, at = ("\\" + character if character in "{}]" else character), at + 1
        # ``^*`` is an error in a browser; ``(*`` and ``|*`` are one everywhere
        repeatable = character not in "^$(|"
        yield text


def _quantifier(pattern: str, at: int) -> tuple[str, int]:
    found = _REPEAT.match(pattern, at)
    text = found.group() if found else pattern[at]
    at += len(text)
    if at < len(pattern) and pattern[at] == "?":
        text, at = text + "?", at + 1
    return text, at


def _group(pattern: str, at: int) -> tuple[str, int]:
    if pattern.startswith("(?:", at):
        return "(?:", at + 3
    if pattern.startswith("(?", at):
        raise _Foreign
    return "(", at + 1


def _escape(pattern: str, at: int, *, in_class: bool) -> tuple[str, int]:
    """Rewrite an escape, from behind its backslash; returns it with the place behind it."""
    if at >= len(pattern):
        raise _Foreign
    character = pattern[at]
    if character in _CLASSES:
        return (_CLASSES[character] if in_class else f"[{_CLASSES[character]}]"), at + 1
    if character in "DWS" and not in_class:
        return f"[^{_CLASSES[character.lower()]}]", at + 1
    if character in _CONTROLS:
        return "\\" + character, at + 1
    if found := _HEX.match(pattern, at):
        return "\\" + found.group(), at + len(found.group())
    if character.isalnum() or ord(character) > 127:  # noqa: PLR2004 - ASCII ends there
        raise _Foreign
    special = _IN_CLASS if in_class else _SYNTAX
    return ("\\" + character if character in special else character), at + 1


def _class(pattern: str, at: int) -> tuple[str, int]:
    """Rewrite a character class from behind its bracket; ``]`` in its first place is itself in Go, not in a browser."""
    parts = ["["]
    if pattern.startswith("^", at):
        parts.append("^")
        at += 1
    first = at
    while at < len(pattern) and (pattern[at] != "]" or at == first):
        character = pattern[at]
        if character == "\\":
            text, at = _escape(pattern, at + 1, in_class=True)
        elif pattern.startswith("[:", at):
            raise _Foreign
        elif character == "-":
            is_range = at != first and at + 1 < len(pattern) and pattern[at + 1] != "]"
            text, at = ("-" if is_range else "\\-"), at + 1
        else:
            text, at = ("\\" + character if character in _IN_CLASS else character), at + 1
        parts.append(text)
    if at >= len(pattern):
        raise _Foreign
    return "".join([*parts, "]"]), at + 1
