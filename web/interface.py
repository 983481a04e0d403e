"""The built web interface: hashed assets for ever, ``index.html`` for every other path that is not the API's."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, send_from_directory
from werkzeug.exceptions import NotFound

from web.auth import public

RESERVED = ("v1", "healthz", "readyz", "metrics", "assets")
_MISSING = """<!doctype html><title>KubeOrch</title><h1>The web interface is not built</h1>
<p>Run <code>make up</code>, or <code>npm ci &amp;&amp; npm run build</code> in <code>ui/</code>. The API is at
<a href="/v1">/v1</a>.</p>"""


def register(app: Flask, folder: Path) -> None:
    """Serve the interface from a folder."""
    folder = folder.resolve()

    @public
    def asset(name: str) -> Response:
        response = send_from_directory(folder / "assets", name, max_age=31536000)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    @public
    def page(path: str = "") -> Response:
        if path.split("/", 1)[0] in RESERVED:
            raise NotFound
        if path and (folder / path).is_file() and (folder / path).resolve().is_relative_to(folder):
            return send_from_directory(folder, path, max_age=3600)
        if not (folder / "index.html").is_file():
            return Response(_MISSING, status=503, content_type="text/html; charset=utf-8")
        response = send_from_directory(folder, "index.html")
        response.headers["Cache-Control"] = "no-cache"
        return response

    # plain rules: the interface is no part of the API's description
    app.add_url_rule("/assets/<path:name>", "asset", asset)
    app.add_url_rule("/", "page", page, defaults={"path": ""})
    app.add_url_rule("/<path:path>", "page", page)
