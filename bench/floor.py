"""
The floor of the REST API: bare Flask views that read and write the same documents and do nothing else.

``gunicorn -c web/gunicorn.conf.py "bench.floor:create_app()"``: the platform's own server, without its rights, limits,
models, logs and updates.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from pymongo import DESCENDING, ReturnDocument

from shared.clock import now
from shared.settings import load_settings
from shared.storage import connect
from shared.workflows.store import COLLECTION, WITHOUT_GRAPH

ABOUT = {"name": "floor", "version": "0", "links": {"openapi": "/", "methods": "/", "health": "/"}}


def create_app() -> Flask:
    """Make the application with a connection of its own."""
    app = Flask("floor")
    workflows = connect(load_settings().mongo, app_name="floor")[COLLECTION]

    @app.get("/")
    def about() -> ResponseReturnValue:
        """Answer with a constant."""
        return jsonify(ABOUT)

    @app.get("/workflows/<workflow_id>")
    def read(workflow_id: str) -> ResponseReturnValue:
        """Read one document."""
        return jsonify(workflows.find_one({"_id": workflow_id}))

    @app.get("/workflows")
    def read_many() -> ResponseReturnValue:
        """Read documents without their graphs, last changed first."""
        wanted = {"owner_id": request.args["owner"], "deleted_at": None}
        rows = workflows.find(wanted, WITHOUT_GRAPH).sort("updated_at", DESCENDING).limit(int(request.args["limit"]))
        return jsonify(list(rows))

    @app.post("/workflows/<workflow_id>")
    def write(workflow_id: str) -> ResponseReturnValue:
        """Replace the fields that a save replaces and answer with the document."""
        sent: dict[str, Any] = request.get_json()
        changes = {"nodes": sent["nodes"], "edges": sent["edges"], "updated_at": now()}
        row = workflows.find_one_and_update(
            {"_id": workflow_id}, {"$set": changes}, return_document=ReturnDocument.AFTER
        )
        return jsonify(row)

    return app
