"""
The people on each workflow, in Redis: short-lived, and renewed by the streams of their tabs.

A change and the announcement of everybody who is here are one atomic step, so the last announcement is true. It stands
in no log: whoever comes later reads :meth:`Presence.people`.
"""

from __future__ import annotations

import redis

from shared.presence.models import Someone
from shared.storage.store import Store
from shared.updates import announcement, channel, topics

LIFETIME_SECONDS = 45.0
EVENT = "presence"

_CHANGE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local entries = redis.call('HGETALL', KEYS[1])
local ids, bodies, before, changed = {}, {}, '', false
for i = 1, #entries, 2 do
  local id, limit, body = entries[i], string.match(entries[i + 1], '^(%d+) (.*)$')
  if id == ARGV[1] then
    before = body
  elseif tonumber(limit) <= now then
    redis.call('HDEL', KEYS[1], id)
    changed = true
  else
    ids[#ids + 1], bodies[id] = id, body
  end
end
if ARGV[2] ~= '' then
  redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now + ARGV[3]) .. ' ' .. ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  ids[#ids + 1], bodies[ARGV[1]] = ARGV[1], ARGV[2]
elseif before ~= '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
end
if not changed and before == ARGV[2] then return 0 end
table.sort(ids)
for i, id in ipairs(ids) do ids[i] = bodies[id] end
redis.call('PUBLISH', KEYS[2], ARGV[4] .. '[' .. table.concat(ids, ',') .. ']' .. ARGV[5])
return 1
"""


class Presence(Store):
    """
    The people on each workflow.

    :param lifetime_seconds: after which someone is gone who was not put again
    """

    def __init__(self, client: redis.Redis, *, lifetime_seconds: float = LIFETIME_SECONDS) -> None:
        self._redis = client
        self._change = client.register_script(_CHANGE)
        self._lifetime_ms = int(lifetime_seconds * 1000)

    def put(self, workflow_id: str, someone: Someone) -> None:
        """Say that someone is here, and where; to all when that is new."""
        self._run(workflow_id, someone.id, someone.model_dump_json())

    def remove(self, workflow_id: str, connection_id: str) -> None:
        """Say that someone has left."""
        self._run(workflow_id, connection_id, "")

    def people(self, workflow_id: str) -> list[Someone]:
        """Return everybody who is here."""
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.time()
        pipeline.hgetall(_key(workflow_id))
        (seconds, microseconds), entries = pipeline.execute()
        now = seconds * 1000 + microseconds // 1000
        found = [entries[connection_id].split(b" ", 1) for connection_id in sorted(entries)]
        return [Someone.model_validate_json(body) for limit, body in found if int(limit) > now]

    def _run(self, workflow_id: str, connection_id: str, body: str) -> None:
        topic = topics.workflow(workflow_id)
        head, tail = announcement(EVENT, {"people": []}).split(b"[]")
        self._change(
            keys=[_key(workflow_id), channel(topic)], args=[connection_id, body, self._lifetime_ms, head, tail]
        )


def _key(workflow_id: str) -> str:
    return f"presence:{{{topics.workflow(workflow_id)}}}"
