"""Image references, taken apart."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImageParts:
    """
    One reference: ``registry.example.com:5000/team/shop:2.1@sha256:…``.

    :param repository: with the registry, as it was written
    """

    repository: str
    tag: str = ""
    digest: str = ""


def split_image(image: str) -> ImageParts:
    """Take a reference apart; a colon before the last slash is a port, not a tag."""
    name, _, digest = image.partition("@")
    folder, slash, last = name.rpartition("/")
    base, _, tag = last.partition(":")
    return ImageParts(f"{folder}{slash}{base}", tag, digest)
