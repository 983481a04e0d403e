from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from orchcli import docs
from orchcli.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[3]


def test_the_page_of_the_commands_is_what_the_commands_say() -> None:
    assert docs.PAGE.read_text(encoding="utf-8") == docs.render(), "run: make docs"


def test_every_command_and_flag_is_explained() -> None:
    text = docs.render()
    assert all(f"## orchcli {name}" in text for name in COMMANDS)
    assert not re.findall(r"^- .*: (?:None|\(|$)", text, re.MULTILINE)


def test_the_list_of_commands_needs_none_of_their_modules() -> None:
    code = (
        "import sys\nfrom orchcli.__main__ import main\nmain(['--help'])\n"
        "heavy = {'rich', 'httpx', 'questionary', 'orchcli.supervisor', 'orchcli.commands.start'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
