"""Amounts as Kubernetes writes them: ``250m``, ``64Mi``."""

from __future__ import annotations

import re
from decimal import Decimal

_FORM = re.compile(r"^([0-9]{1,15}(?:\.[0-9]{1,9})?)(Ki|Mi|Gi|Ti|Pi|Ei|m|k|M|G|T|P|E)?$")
_FACTORS = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTPE", 1)},
    **{unit: Decimal(1024) ** power for power, unit in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)},
}


def value_of(quantity: str) -> Decimal | None:
    """Return an amount as a number, or None when it is written in another way."""
    found = _FORM.match(quantity)
    return Decimal(found[1]) * _FACTORS[found[2] or ""] if found else None


def doubled(quantity: str) -> str | None:
    """Return twice an amount in the same unit: ``64Mi`` is ``128Mi``."""
    found = _FORM.match(quantity)
    if not found:
        return None
    twice = Decimal(found[1]) * 2
    shown = str(twice.to_integral_value()) if twice == twice.to_integral_value() else str(twice.normalize())
    return f"{shown}{found[2] or ''}"
