"""The meaning of containers' exit codes."""

from __future__ import annotations

from dataclasses import dataclass

_SIGNALS = 128
_SIGNAL_WORDS = {
    1: "the terminal was closed (SIGHUP)",
    2: "it was interrupted (SIGINT)",
    4: "it ran an instruction that the machine does not know (SIGILL)",
    6: "it gave up by itself (SIGABRT)",
    7: "it touched memory that cannot be reached (SIGBUS)",
    8: "it computed something impossible (SIGFPE)",
    9: "it was killed (SIGKILL)",
    11: "it touched memory that is not its own (SIGSEGV)",
    13: "nobody read what it wrote (SIGPIPE)",
    15: "it was told to end (SIGTERM)",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """The meaning of a code, and a remedy."""

    words: str
    remedy: str


_LOG = "Read its last lines below; they say what the program did not like."
_KNOWN = {
    0: Meaning(
        "it ended by itself, without an error",
        "A workload must keep running: start the program in the foreground, or make it a Job when it has an end.",
    ),
    1: Meaning("the program ended with an error of its own", _LOG),
    2: Meaning("the program was started in a wrong way, often with wrong arguments", f"Check the arguments. {_LOG}"),
    126: Meaning(
        "the command was found, but cannot be executed",
        "Check the command: the file must be executable, and made for this kind of machine.",
    ),
    127: Meaning(
        "the command was not found in the image",
        "Check the command for a typing error, and that the image has it: small images often have no shell.",
    ),
    128: Meaning(
        "the container could not be started", "Check command, working directory and mounts; the words above name it."
    ),
    137: Meaning(
        "it was killed (SIGKILL) from outside, though not for its own memory limit",
        "It may not have ended in time when told to, its liveness probe may have failed, or the machine ran short of "
        "memory; look at the events.",
    ),
    139: Meaning(
        "it touched memory that is not its own (SIGSEGV)",
        "That is a mistake in the program or one of its libraries; check that the image is made for this kind of "
        "machine, and try an earlier one.",
    ),
    143: Meaning(
        "it was told to end (SIGTERM)",
        "Something ended it in order: a failed liveness probe, a rollout or a machine that was emptied; look at the "
        "events.",
    ),
}
OUT_OF_MEMORY = Meaning(
    "it needed more memory than its limit (OOMKilled)",
    "Raise its memory limit, or make it need less.",
)


def meaning(code: int, reason: str = "") -> Meaning:
    """
    Return the meaning of an exit code, with a remedy.

    :param reason: Kubernetes' own word: ``OOMKilled``, ``Error``
    """
    if reason == "OOMKilled":
        return OUT_OF_MEMORY
    if code in _KNOWN:
        return _KNOWN[code]
    signal = _SIGNAL_WORDS.get(code - _SIGNALS)
    if signal:
        return Meaning(signal, _LOG)
    return Meaning("the program ended with a code of its own", f"Its documentation says what {code} means. {_LOG}")
