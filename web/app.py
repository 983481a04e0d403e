"""The application: ``create_app(settings)``; gunicorn calls it as ``web.app:create_app()``."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from flask import Response, g, request
from flask_cors import CORS
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from werkzeug.middleware.proxy_fix import ProxyFix

from shared.ids import new_id
from shared.log import bind_context, clear_context, configure, get_logger
from shared.platform import Platform
from shared.settings import Settings, load_settings
from web import auth, errors, interface, limits, metrics
from web.api import auth as auth_routes
from web.api import cluster_facts, clusters, diagnostics, invites, profile, runs, system, versions, workflows
from web.api.common import Problem
from web.bodies import ApiRequest, check_address
from web.counters import count_request
from web.live import routes as streams
from web.services import EXTENSION, Services

log = get_logger(__name__)

VERSION = "0.1.0"
SECURITY_SCHEMES: dict[str, Any] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; worker-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_QUIET = {"/healthz", "/readyz", "/metrics"}


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
    app.request_class = ApiRequest
    app.config["MAX_CONTENT_LENGTH"] = settings.web.max_body_bytes
    app.config["VERSION"] = VERSION
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions[EXTENSION] = Services.over(platform)
    if settings.web.trusted_proxies:
        hops = settings.web.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    if settings.web.cors_origins:
        CORS(
            app,
            resources={r"/v1(/.*)?": {"origins": settings.web.cors_origins}},
            supports_credentials=True,
            expose_headers=["ETag", "Location", "Retry-After", "X-Request-Id"],
            max_age=600,
        )
    _wrap_requests(app)
    errors.register(app)
    limits.register_addresses(app)
    auth.register(app)
    limits.register_people(app)
    for module in (
        system,
        auth_routes,
        profile,
        invites,
        clusters,
        cluster_facts,
        workflows,
        runs,
        versions,
        diagnostics,
        streams,
    ):
        _describe_all(app, module.api)
    metrics.register(app)
    interface.register(app, Path(settings.web.ui_directory))
    return app


def _describe_all(app: OpenAPI, api: APIBlueprint) -> None:
    """Register a blueprint; of a path that two of them share, the library would describe the methods of the last."""
    before = dict(app.paths)
    app.register_api(api)
    for path in before.keys() & api.paths.keys():
        app.paths[path] = before[path].model_copy(
            update={name: value for name, value in api.paths[path] if value is not None}
        )


def _wrap_requests(app: OpenAPI) -> None:
    @app.before_request
    def _begin() -> None:
        g.started = time.perf_counter()
        sent = request.headers.get("X-Request-Id", "")
        g.request_id = sent if _REQUEST_ID.fullmatch(sent) else new_id()
        clear_context()
        bind_context(request_id=g.request_id)
        check_address(request.path, request.args)

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.path.startswith("/v1"):
            response.headers.setdefault("Cache-Control", "no-store")
        _log_access(response)
        return response


def _log_access(response: Response) -> None:
    route = request.url_rule.rule if request.url_rule else "(none)"
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    count_request(route, request.method, response.status_code, seconds)
    if request.path in _QUIET:
        return
    actor = g.get("actor")
    log.info(
        "request",
        method=request.method,
        route=route,
        status=response.status_code,
        duration_ms=round(seconds * 1000, 1),
        user_id=actor.user_id if actor else None,
    )
