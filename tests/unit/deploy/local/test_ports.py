from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from deploy.local import ports


def test_reserved_ports_differ_and_can_be_listened_on() -> None:
    taken = [ports.reserve() for _ in range(20)]
    assert len({port.number for port in taken}) == 20
    for port in taken:
        with socket.create_server(("127.0.0.1", port.number)):
            pass
        port.release()


def test_a_reserved_port_is_refused_to_another_process() -> None:
    port = ports.reserve()
    program = f"from deploy.local import ports; ports.reserve({port.number})"
    refused = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert f"port {port.number} on 127.0.0.1 is taken" in refused.stderr
    port.release()
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_port_somebody_listens_on_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(RuntimeError, match="is taken"):
        ports.reserve(server.getsockname()[1])


def test_releasing_twice_does_no_harm() -> None:
    port = ports.reserve()
    port.release()
    port.release()
