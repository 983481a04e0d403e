"""
The services that one machine needs, started without installing them: Redis, MongoDB, Kubernetes.

Each module has ``start(directory, …) -> Running`` for tests and runs in the foreground as
``python -m deploy.local.<name>`` for `make up`.
"""
