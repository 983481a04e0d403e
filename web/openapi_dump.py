"""Print the API's description without a server or stores: ``python -m web.openapi_dump``; ``ui/`` makes types of it."""

from __future__ import annotations

import base64
import json
import secrets
import sys
from typing import Any

from pydantic import SecretStr

from shared.platform import Platform
from shared.settings import JwtSettings, Settings
from web.app import create_app


def description() -> dict[str, Any]:
    """Return the description of every route; keys are random and nothing is connected to."""
    settings = Settings(
        secret_key=SecretStr(secrets.token_urlsafe(48)),
        keyring=SecretStr(f"dump:{base64.b64encode(secrets.token_bytes(32)).decode()}"),
        jwt=JwtSettings(secret=SecretStr(secrets.token_urlsafe(48))),
    )
    platform = Platform.open(settings, "dump")
    try:
        document: dict[str, Any] = create_app(settings, platform).api_doc
    finally:
        platform.close()
    return document


def main() -> None:
    """Write it to standard output, keys in order, so that two of the same read the same."""
    json.dump(description(), sys.stdout, indent=1, sort_keys=True, default=str)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
