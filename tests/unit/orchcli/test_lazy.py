from __future__ import annotations

import subprocess
import sys

from tests.support.files import ROOT


def test_the_list_of_commands_needs_none_of_their_modules() -> None:
    code = (
        "import sys\nfrom orchcli.__main__ import main\nmain(['--help'])\n"
        "heavy = {'rich', 'httpx', 'questionary', 'orchcli.running.supervisor', 'orchcli.commands.start'}\n"
        "heavy &= set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
