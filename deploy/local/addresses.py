"""
The addresses of a local cluster. Each cluster with a real node has a number, and from it its own networks, names
and control group, so that several live on one machine and none reaches into another.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST = 32
"""How many clusters with a real node one machine may have."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses and names of one cluster."""

    number: int

    @property
    def pods(self) -> str:
        """The network of its pods."""
        return f"10.88.{7 + self.number}.0/24"

    @property
    def node(self) -> str:
        """The node itself, on the bridge of its pods; the API server is advertised and DNS listens here."""
        return f"10.88.{7 + self.number}.1"

    @property
    def services(self) -> str:
        """The network of its services."""
        return f"10.{96 + self.number}.0.0/16"

    @property
    def api_service(self) -> str:
        """The service ``kubernetes``: by definition the first of the range."""
        return f"10.{96 + self.number}.0.1"

    @property
    def dns_service(self) -> str:
        """The service ``kube-dns``."""
        return f"10.{96 + self.number}.0.10"

    @property
    def link_host(self) -> str:
        """The machine's end of the line to the node."""
        return f"10.87.{7 + self.number}.1"

    @property
    def link_node(self) -> str:
        """The node's end of the line to the machine."""
        return f"10.87.{7 + self.number}.2"

    @property
    def name(self) -> str:
        """The name of its network namespace, network and control group."""
        return f"kubeorch-{self.number}"

    @property
    def link(self) -> str:
        """The name of the interface on the machine."""
        return f"kubeorch{self.number}"
