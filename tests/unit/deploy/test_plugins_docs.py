from __future__ import annotations

from deploy.plugins_docs import PAGE, render


def test_the_page_is_what_the_plugins_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run python -m deploy.plugins_docs"
