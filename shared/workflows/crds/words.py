"""The words of a form about a field of a CustomResourceDefinition: its title and its help. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from shared.workflows.crds.patterns import portable

LONGEST_HELP = 300


def sentences(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the help of a field: its description, then the rules that the form itself does not check."""
    description = schema.get("description")
    if isinstance(description, str) and description.strip():
        yield cut(description, LONGEST_HELP)
    rules = schema.get("x-kubernetes-validations")
    for rule in (rules if isinstance(rules, list) else [])[:3]:
        message = rule.get("message") if isinstance(rule, dict) else None
        if isinstance(message, str) and message:
            yield _ended(cut(message, 120))
    yield from _unsaid(schema)


def _unsaid(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the rules that the cluster checks and the subset cannot say."""
    for words in ("oneOf", "anyOf"):
        names = [name for name in _alternatives(schema.get(words)) if name]
        if names:
            yield f"{'Exactly one' if words == 'oneOf' else 'At least one'} of {', '.join(names[:8])}."
    if schema.get("x-kubernetes-list-type") == "set" or schema.get("uniqueItems"):
        yield "Each item once."
    keys = schema.get("x-kubernetes-list-map-keys")
    if schema.get("x-kubernetes-list-type") == "map" and isinstance(keys, list):
        yield f"Each {' and '.join(map(str, keys[:4]))} once."
    fewest = schema.get("minProperties")
    if isinstance(fewest, int) and fewest > 0:
        yield f"At least {fewest} {'entry' if fewest == 1 else 'entries'}."
    if schema.get("multipleOf") is not None:
        yield f"A multiple of {schema['multipleOf']}."
    if schema.get("exclusiveMaximum") is True and schema.get("type") == "number":
        yield f"Less than {schema.get('maximum')}."
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and portable(pattern) is None:
        yield f"Matches {cut(pattern, 80)}"


def _alternatives(found: Any) -> Iterator[str]:
    """Yield the fields that alternatives ask for: ``oneOf: [{required: [a]}, {required: [b]}]``."""
    for option in found if isinstance(found, list) else []:
        required = option.get("required") if isinstance(option, dict) else None
        if isinstance(required, list):
            yield " with ".join(str(name) for name in required)


def cut(text: str, limit: int) -> str:
    """Return a text on one line, at most so long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def _ended(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "…", "!", "?")) else f"{text}."


_WORDS = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SHORT = {
    **{word: word.upper() for word in ("dns", "ip", "tcp", "udp", "http", "https", "tls", "ca", "cpu", "url", "uri")},
    **{word: word.upper() for word in ("ttl", "uid", "id", "api", "acme", "jwt", "oidc", "sql", "ssh", "sni", "cidr")},
    "ips": "IPs",
    "ids": "IDs",
    "urls": "URLs",
    "uris": "URIs",
}


def title_of(name: str) -> str:
    """Return a field's name as a person reads it: ``dnsNames`` is *DNS names*."""
    words = [_word(word) for word in _WORDS.findall(name)]
    if not words:
        return name
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def _word(word: str) -> str:
    is_short = len(word) > 1 and word.removesuffix("s").isupper()
    return _SHORT.get(word.lower(), word if is_short else word.lower())
