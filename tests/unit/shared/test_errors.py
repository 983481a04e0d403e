from __future__ import annotations

import pytest

from shared import errors


def tree(base: type[errors.KubeOrchError]) -> list[type[errors.KubeOrchError]]:
    return [base, *(deeper for child in base.__subclasses__() for deeper in tree(child))]


def test_every_class_has_a_code_of_its_own() -> None:
    codes = [cls.default_code for cls in tree(errors.KubeOrchError) if cls.__module__ == errors.__name__]
    assert len(set(codes)) == len(codes)


def test_foreign_text_is_flattened_and_cut() -> None:
    assert errors.shorten("a\n  b\tc") == "a b c"
    cut = errors.shorten("x" * 1000)
    assert len(cut) == errors.LONGEST_FOREIGN_TEXT
    assert cut.endswith("…")


@pytest.mark.parametrize("cls", [errors.ClusterUnreachable, errors.ClusterThrottled, errors.StorageUnavailable])
def test_temporary_errors_say_when_to_try_again(cls: type[errors.TemporaryError]) -> None:
    assert cls("later").delay > 0
    assert cls("later", delay=2).delay == 2
