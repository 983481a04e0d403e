"""
Leases on Redis: one owner at a time for a long job, found out and taken over when it dies.

A lease carries a fencing token that grows with every owner; writes of the job's state are conditional on it, so an
owner that was cut off and comes back changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import redis

from shared.storage.store import Store

_ACQUIRE = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local token = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. token, 'PX', ARGV[2])
return token
"""
_RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""
_RELEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""


def _keys(name: str) -> tuple[str, str]:
    return f"lease:{{{name}}}", f"lease:{{{name}}}:token"


class Leases(Store):
    """Gives out leases; all commands are atomic."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client
        self._acquire = client.register_script(_ACQUIRE)
        self._renew = client.register_script(_RENEW)
        self._release = client.register_script(_RELEASE)

    def acquire(self, name: str, owner: str, seconds: float) -> Lease | None:
        """
        Take a lease, or return None while somebody holds it.

        :param name: what is leased: ``watch:<cluster id>``
        :param owner: who asks, for people: host, pid and process
        """
        token = int(self._acquire(keys=_keys(name), args=[owner, int(seconds * 1000)]))
        return Lease(self, name, owner, token, seconds) if token else None

    def holder(self, name: str) -> str | None:
        """Return the holder of a lease, or None."""
        value = self._redis.get(_keys(name)[0])
        return value.decode().rsplit(" ", 1)[0] if isinstance(value, bytes) else None

    def renew(self, lease: Lease) -> bool:
        """Extend a lease; False when it was lost, and then the job must stop at once."""
        key = _keys(lease.name)[0]
        return bool(self._renew(keys=[key], args=[f"{lease.owner} {lease.token}", int(lease.seconds * 1000)]))

    def release(self, lease: Lease) -> None:
        """Give a lease back, if it is still ours."""
        self._release(keys=[_keys(lease.name)[0]], args=[f"{lease.owner} {lease.token}"])


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease somebody holds; ``token`` is larger than that of every owner before."""

    leases: Leases
    name: str
    owner: str
    token: int
    seconds: float

    def renew(self) -> bool:
        """Extend it by its full length; False when it was lost."""
        return self.leases.renew(self)

    def release(self) -> None:
        """Give it back."""
        self.leases.release(self)
