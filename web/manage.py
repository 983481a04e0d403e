"""Administration of one installation: ``python -m web.manage migrate | join-local | create-admin``."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

import click

from shared import schema
from shared.clusters.local_offer import LocalOffers
from shared.errors import KubeOrchError
from shared.log import configure
from shared.people import Person
from shared.platform import Platform
from shared.settings import load_settings
from shared.storage.schema import migrate as migrate_database
from shared.users.actions import Accounts, NewAccount, SignupRules
from shared.workflows.welcome import Welcome


@click.group()
def main() -> None:
    """Administration of one installation."""


def _platform() -> Platform:
    settings = load_settings()
    configure("manage", level=settings.log.level, fmt=settings.log.format)
    return Platform.open(settings, "manage")


@main.command()
def migrate() -> None:
    """Bring the database to this version: migrations and indexes."""
    platform = _platform()
    done = migrate_database(platform.db, schema.INDEXES)
    print("\n".join(done) if done else "nothing to do")


@main.command("join-local")
@click.option("--kubeconfig", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--kind", type=click.Choice(["node", "simulated", "external"]), required=True)
def join_local(kubeconfig: Path, kind: str) -> None:
    """Offer this machine's cluster to the first account, or give its owner the new credentials."""
    platform = _platform()
    LocalOffers.over(platform).offer(kubeconfig.read_text(encoding="utf-8"), simulated=kind == "simulated")
    first = Accounts.over(platform).first()
    if first is None:
        print("offered to the first account")
        return
    cluster = Welcome.over(platform).join(Person(user_id=first.id, name=first.name))
    print(f"connected as {cluster.name if cluster else '-'} of {first.email}")


@main.command("create-admin")
@click.option("--email", required=True)
@click.option("--name", default="Administrator")
def create_admin(email: str, name: str) -> None:
    """Make the first account from the command line; the password is asked for, or read from standard input."""
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().strip()
    platform = _platform()
    accounts = Accounts.over(platform, rules=SignupRules("closed"))
    made = accounts.register(NewAccount(name, email, password))
    print(f"{made.email} is {made.role.value}")


if __name__ == "__main__":
    try:
        main()
    except KubeOrchError as problem:
        print(f"{problem.code}: {problem.message}", file=sys.stderr)
        sys.exit(1)
