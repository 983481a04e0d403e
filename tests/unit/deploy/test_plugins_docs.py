from __future__ import annotations

import re

from deploy.plugins_docs import PAGE, render
from shared.plugins.models import PluginDefinition


def test_the_page_is_what_the_plugins_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run python -m deploy.plugins_docs"


def test_the_example_is_a_plugin() -> None:
    [example] = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert PluginDefinition.model_validate_json(example).id == "queues"
