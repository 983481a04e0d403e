"""``orchcli``: runs a command; whatever goes wrong becomes one message and an exit code."""

from __future__ import annotations

import sys
import tempfile
import traceback
from pathlib import Path

import click

from orchcli import output
from orchcli.cli import Options, cli
from orchcli.errors import CliError, Interrupted, Usage


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = Options()
    try:
        code = cli.main(args=arguments, prog_name="orchcli", standalone_mode=False, obj=options)
    except CliError as error:
        output.failure(error, as_json=options.as_json)
        return error.exit_code
    except click.ClickException as error:
        wrong = Usage(error.format_message(), "orchcli --help")
        output.failure(wrong, as_json=options.as_json)
        return wrong.exit_code
    except (click.Abort, KeyboardInterrupt):
        return Interrupted.exit_code
    except BrokenPipeError:
        return 0
    except Exception as error:  # noqa: BLE001 - the outermost place: the trace goes to a file, the person gets a sentence
        with tempfile.NamedTemporaryFile("w", prefix="orchcli-", suffix=".log", delete=False) as file:
            traceback.print_exc(file=file)
        trace = Path(file.name)
        output.failure(
            CliError(f"{type(error).__name__}: {error}", f"the trace is in {trace}"), as_json=options.as_json
        )
        return 1
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    sys.exit(main())
