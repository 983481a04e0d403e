"""Errors for people: each with a sentence, a remedy and an exit code; ``orchcli.__main__`` prints them."""

from __future__ import annotations


class CliError(Exception):
    """
    Something that a person can act on.

    :param message: what is wrong, one sentence; more lines are evidence, such as the end of a log
    :param remedy: what to type or to change
    """

    code = "unexpected"
    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class BrokenFile(CliError):
    """A file of ours cannot be read; it was set aside."""

    code = "broken-file"


class Usage(CliError):
    """The command line asks for something that does not exist."""

    code = "usage"
    exit_code = 2


class NotInThisVersion(Usage):
    """Planned, named in the help of later versions, not there yet."""

    code = "not-in-this-version"


class NoProject(CliError):
    """No project in this folder or above."""

    code = "no-project"
    exit_code = 3


class ToolMissing(CliError):
    """A program is missing or too old."""

    code = "tool-missing"
    exit_code = 4


class Unhealthy(CliError):
    """Something runs badly, ended, or does not run at all."""

    code = "unhealthy"
    exit_code = 5


class SettingsWrong(Unhealthy):
    """``.env`` has unknown, weak or missing names."""

    code = "env-wrong"


class ServiceFailed(Unhealthy):
    """A service ended again and again, or a step that must succeed did not."""

    code = "service-failed"


class NotReady(CliError):
    """A service was waited for too long."""

    code = "not-ready"
    exit_code = 6


class InTheWay(CliError):
    """A lock, another mode, or something that runs already."""

    code = "in-the-way"
    exit_code = 7


class AlreadyRunning(InTheWay):
    """The platform of this project runs already."""

    code = "already-running"


class PortTaken(InTheWay):
    """Somebody else listens there."""

    code = "port-taken"


class Unreachable(CliError):
    """A server does not answer."""

    code = "unreachable"
    exit_code = 8


class NotFound(CliError):
    """No such service or log."""

    code = "not-found"
    exit_code = 11


class NotConfirmed(CliError):
    """It destroys something and nobody confirmed it."""

    code = "not-confirmed"
    exit_code = 15


class Interrupted(CliError):
    """Ctrl-C."""

    code = "interrupted"
    exit_code = 130


class Terminated(CliError):
    """SIGTERM or SIGHUP."""

    code = "terminated"
    exit_code = 143
