"""The border to browsers and proxies: trusted proxies, allowed origins, the protection of answers."""

from __future__ import annotations

from flask import Flask, Response, request
from flask_cors import CORS
from werkzeug.middleware.proxy_fix import ProxyFix

from shared.settings import WebSettings

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; worker-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
}


def register(app: Flask, settings: WebSettings) -> None:
    """Trust the proxies and origins of the settings, and protect every answer."""
    if settings.trusted_proxies:
        _trust_proxies(app, settings.trusted_proxies)
    if settings.cors_origins:
        _allow_origins(app, settings.cors_origins)
    app.after_request(_protect)


def _trust_proxies(app: Flask, hops: int) -> None:
    """Take address, scheme and host from the headers of the nearest proxies."""
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _allow_origins(app: Flask, origins: list[str]) -> None:
    """Let pages of other origins use the API."""
    CORS(
        app,
        resources={r"/v1(/.*)?": {"origins": origins}},
        supports_credentials=True,
        expose_headers=["ETag", "Location", "Retry-After", "X-Request-Id"],
        max_age=600,
    )


def _protect(response: Response) -> Response:
    """Set the headers that restrict a browser's use of an answer, and keep answers of the API out of caches."""
    response.headers.update(HEADERS)
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.path.startswith("/v1"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
