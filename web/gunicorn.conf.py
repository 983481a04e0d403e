"""gunicorn: gevent workers; every library must find the patched sockets, so patching is the first thing."""

from gevent import monkey

monkey.patch_all()

from typing import Any

from shared.settings import load_settings

_settings = load_settings()

bind = f"{_settings.web.host}:{_settings.web.port}"
workers = _settings.web.workers
worker_class = "gevent"
worker_connections = _settings.web.connections
graceful_timeout = 5
timeout = 60
keepalive = 75
preload_app = False
accesslog = None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True


def worker_exit(_server: Any, worker: Any) -> None:
    """Close connections with the worker."""
    application = getattr(worker, "wsgi", None)
    found = getattr(application, "extensions", {}).get("kubeorch") if application else None
    if found is not None:
        found.hub.close()
