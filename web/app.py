"""The application: ``create_app(settings)``; gunicorn calls it as ``web.app:create_app()``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI

from shared.log import configure
from shared.platform import Platform
from shared.settings import Settings, load_settings
from web import access_log, auth, bodies, edge, errors, interface, limits, metrics
from web.api import auth as auth_routes
from web.api import (
    cluster_facts,
    clusters,
    diagnostics,
    invites,
    plugins,
    profile,
    runs,
    system,
    undo,
    versions,
    workflows,
)
from web.api.answers import Problem
from web.live import routes as streams
from web.services import EXTENSION, Services

VERSION = "0.1.0"
SECURITY_SCHEMES: dict[str, Any] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
NOUNS = (
    system,
    auth_routes,
    profile,
    invites,
    clusters,
    cluster_facts,
    plugins,
    workflows,
    runs,
    undo,
    versions,
    diagnostics,
    streams,
)
"""Modules whose ``api`` is a blueprint, in the order in which they are described."""


def create_app(settings: Settings | None = None, platform: Platform | None = None) -> OpenAPI:
    """
    Make the application with its own connections.

    :param settings: read from the environment when None
    :param platform: connections that exist already, for tests
    """
    settings = settings or load_settings()
    if platform is None:
        configure("web", level=settings.log.level, fmt=settings.log.format, version=VERSION)
        platform = Platform.open(settings, "web")
    app = _describing_itself()
    app.extensions[EXTENSION] = Services.over(platform)
    edge.register(app, settings.web)
    # what looks at a request before its view does so in this order
    access_log.register(app)
    bodies.register(app, max_bytes=settings.web.max_body_bytes)
    limits.register_addresses(app)
    auth.register(app)
    limits.register_people(app)
    errors.register(app)
    for module in NOUNS:
        _describe_all(app, module.api)
    metrics.register(app)
    interface.register(app, Path(settings.web.ui_directory))
    return app


def _describing_itself() -> OpenAPI:
    """Return an application without routes, which writes down what is registered with it."""
    app = OpenAPI(
        "web",
        info=Info(title="KubeOrch", version=VERSION),
        security_schemes=SECURITY_SCHEMES,
        validation_error_status=422,
        validation_error_model=Problem,
        validation_error_callback=errors.answer_validation,
        doc_ui=False,
        static_folder=None,
    )
    app.config["VERSION"] = VERSION
    app.json.sort_keys = False  # type: ignore[attr-defined]
    return app


def _describe_all(app: OpenAPI, api: APIBlueprint) -> None:
    """Register a blueprint; of a path that two of them share, the library would describe the methods of the last."""
    before = dict(app.paths)
    app.register_api(api)
    for path in before.keys() & api.paths.keys():
        app.paths[path] = before[path].model_copy(
            update={name: value for name, value in api.paths[path] if value is not None}
        )
