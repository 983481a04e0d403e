"""Settings for tests: complete, invented, overridable by group."""

from __future__ import annotations

import base64
from typing import Any

from shared.settings import Settings

KEYRING = "test:" + base64.b64encode(bytes(range(32))).decode()


def make_settings(**overrides: Any) -> Settings:
    """Return valid settings; ``make_settings(web={"port": 1})`` changes one group."""
    values: dict[str, Any] = {
        "secret_key": "test-secret-key-0123456789abcdef-xx",
        "keyring": KEYRING,
        "jwt": {"secret": "test-jwt-secret-0123456789abcdef-yy"},
        "rate": {"user": 100_000, "address": 100_000, "auth": 100_000},
        "auth": {"signup": "open"},
    }
    for name, value in overrides.items():
        if isinstance(value, dict) and isinstance(values.get(name), dict):
            values[name] = {**values[name], **value}
        else:
            values[name] = value
    return Settings(**values)
