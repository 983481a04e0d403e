"""The output of containers."""

from __future__ import annotations

from urllib.parse import urlencode

from shared.kubernetes.connection.server import ApiServer
from shared.kubernetes.objects import BUILT_IN


class Logs(ApiServer):
    """Logs of pods."""

    def logs(
        self, namespace: str, pod: str, *, container: str | None = None, tail: int = 20, previous: bool = False
    ) -> str:
        """
        Return the last lines of a container's log.

        :param previous: of the container that ran before the last restart
        """
        query = {"tailLines": str(tail), **({"container": container} if container else {})}
        if previous:
            query["previous"] = "true"
        path = f"{BUILT_IN['v1', 'Pod'].path(namespace, pod)}/log?{urlencode(query)}"
        return self._transport.send("GET", path).decode("utf-8", "replace")
