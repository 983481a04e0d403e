"""The waves of a graph: the objects that are applied together, after all they wait for. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.workflows.drawing.effects import Gate
from shared.workflows.kinds.fields.base import Stage


@dataclass(frozen=True, slots=True)
class Dependency:
    """Another node for which a node waits before it is applied."""

    node_id: str
    condition: Gate


Stages = Mapping[str, tuple[int, ...]]
"""Node id → the stages of its objects, in order; nearly always one."""
Afters = Mapping[str, Sequence[Dependency]]


def number_waves(stages: Stages, after: Afters) -> dict[str, dict[int, int]]:
    """
    Number the waves: node id → stage → wave.

    A node comes after all it waits for, and not before its stage; the last stage begins when every workload is
    through, but for nodes somebody waits for.
    """
    awaited = {dependency.node_id for found in after.values() for dependency in found}
    first = _levels({node_id: {stage: stage for stage in found} for node_id, found in stages.items()}, after)
    before_last = [level for found in first.values() for stage, level in found.items() if stage < Stage.FINISH]
    finish = max([int(Stage.FINISH), *(level + 1 for level in before_last)])
    wanted = {
        node_id: {stage: finish if stage == Stage.FINISH and node_id not in awaited else stage for stage in found}
        for node_id, found in stages.items()
    }
    return _dense(_levels(wanted, after))


def _levels(wanted: Mapping[str, dict[int, int]], after: Afters) -> dict[str, dict[int, int]]:
    """
    Return the level of every stage of every node: the longest way, by Kahn's algorithm.

    :param wanted: node id → stage → the level it has at least
    """
    waiting = dict.fromkeys(wanted, 0)
    dependents: dict[str, list[str]] = defaultdict(list)
    for node_id, found in after.items():
        for dependency in found:
            if dependency.node_id in wanted:
                waiting[node_id] += 1
                dependents[dependency.node_id].append(node_id)
    floors = dict.fromkeys(wanted, 0)
    levels: dict[str, dict[int, int]] = {}
    ready = [node_id for node_id, count in waiting.items() if count == 0]
    while ready:
        node_id = ready.pop()
        levels[node_id], floor = _climb(wanted[node_id], floors[node_id])
        for dependent in dependents[node_id]:
            floors[dependent] = max(floors[dependent], floor)
            waiting[dependent] -= 1
            if waiting[dependent] == 0:
                ready.append(dependent)
    return {node_id: levels.get(node_id) or dict(found) for node_id, found in wanted.items()}


def _climb(wanted: Mapping[int, int], floor: int) -> tuple[dict[int, int], int]:
    """Return the level of each stage of one node, each above the one before, and the level after the last."""
    levels: dict[int, int] = {}
    for stage in sorted(wanted):
        levels[stage] = max(wanted[stage], floor)
        floor = levels[stage] + 1
    return levels, floor


def _dense(levels: Mapping[str, dict[int, int]]) -> dict[str, dict[int, int]]:
    """Number the waves that exist from 0 without gaps."""
    used = sorted({level for found in levels.values() for level in found.values()})
    number = {level: index for index, level in enumerate(used)}
    return {node_id: {stage: number[level] for stage, level in found.items()} for node_id, found in levels.items()}
