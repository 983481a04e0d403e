"""
One structlog pipeline for our code, gunicorn, Celery and libraries.

Event names are constant, data are keywords, things are named by id: ``log.info("run_finished", run_id=run.id)``.
Columns on a terminal, one JSON object per line elsewhere. Redaction runs last, on keys that name secrets.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

LogFormat = Literal["auto", "columns", "json"]

_SECRET_KEY = re.compile(
    r"(password|secret|token|authorization|cookie|kubeconfig|credential|private_key|api_key)", re.IGNORECASE
)
_ALLOWED_KEYS = {"token_id", "lease_token", "secret_name", "fencing_token", "credential_id", "credentials_expire_at"}
_URL_PASSWORD = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s/@]+@", re.IGNORECASE)
REDACTED = "•••"


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask values whose key names a secret, and passwords inside URLs anywhere; the last processor before rendering."""
    for key, value in event.items():
        if key not in _ALLOWED_KEYS and _SECRET_KEY.search(key) and value is not None and not isinstance(value, bool):
            event[key] = REDACTED
        elif isinstance(value, str) and "://" in value:
            event[key] = _URL_PASSWORD.sub(rf"\1:{REDACTED}@", value)
    return event


def configure(process: str, *, level: str = "info", fmt: LogFormat = "auto", version: str = "") -> None:
    """
    Set up logging for this process; called once, where the process starts.

    :param process: what the lines say the process is: web, worker, watcher, beat
    """
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _constant("process", process),
        _constant("version", version),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    columns = fmt == "columns" or (fmt == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_rendering(columns=columns))
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("urllib3", "pymongo", "kombu", "amqp", "celery.redirected"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _rendering(*, columns: bool) -> list[structlog.types.Processor]:
    last: structlog.types.Processor
    if columns:
        last = structlog.dev.ConsoleRenderer(colors=True)
        return [structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, last]
    last = structlog.processors.JSONRenderer(ensure_ascii=False)
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        redact,
        last,
    ]


def _constant(key: str, value: str) -> structlog.types.Processor:
    def add(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault(key, value)
        return event

    return add


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return a module's logger; name it ``__name__``."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def bind_context(**values: object) -> None:
    """Add values to every line of this request or task: ``request_id``, ``task_id``, ``run_id`` …"""
    structlog.contextvars.bind_contextvars(**values)


def context() -> dict[str, Any]:
    """Return the values that are bound to this request or task."""
    return structlog.contextvars.get_contextvars()


def clear_context() -> None:
    """Forget the values that were bound; called before each request and task."""
    structlog.contextvars.clear_contextvars()
