from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from shared.platform import REDIS_CONNECTIONS, open_redis
from shared.settings import Settings


def test_many_at_once_wait_for_a_connection_instead_of_failing(settings: Settings) -> None:
    client = open_redis(settings)
    with ThreadPoolExecutor(150) as pool:
        list(pool.map(lambda _: client.blpop(["nothing"], timeout=0.05), range(400)))
    assert client.connection_pool.max_connections == REDIS_CONNECTIONS
    connected = int(client.info("clients")["connected_clients"])
    assert connected <= REDIS_CONNECTIONS + 5
    client.close()
    other = open_redis(settings)
    assert int(other.info("clients")["connected_clients"]) < 10
    other.close()
