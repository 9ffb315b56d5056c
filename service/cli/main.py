"""The tree of commands, and the way into it."""

import importlib
import sys
from collections.abc import Iterable, Sequence

import click

from service.cli.speaking import language_of_process, run_spoken
from service.foundation.language import speaking

HOMES = {
    "run": "service.cli.running",
    "worker": "service.cli.running",
    "demo": "service.cli.walking.walking",
    "doctor": "service.cli.doctor",
    "db": "service.cli.database",
    "user": "service.cli.users",
    "backup": "service.cli.backups",
    "restore": "service.cli.backups",
    "invariants": "service.cli.inspecting",
    "openapi": "service.cli.inspecting",
}
"""Each command and the module it is in; a room's `commands` are listed here by hand."""


def tree(names: Iterable[str] = HOMES) -> click.Group:
    """`tmc` with these commands, all by default; only their modules are read."""

    @click.group(invoke_without_command=True)
    @click.option(
        "--language", type=click.Choice(["zh", "en"]), help="Language of this command; else TMC_LANGUAGE, else LANG."
    )
    @click.version_option(package_name=None, version="0.1.0", message="%(version)s")
    @click.pass_context
    def tmc(context: click.Context, language: str | None) -> None:
        """Training, assessment, credentials and incentive records for technology managers."""
        if context.invoked_subcommand is None:
            click.echo(context.get_help())

    for name in names:
        tmc.add_command(getattr(importlib.import_module(HOMES[name]), name))
    return tmc


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `tmc` and end the process with its exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    # Reading the modules of every command takes longer than starting the database.
    asked = next((word for word in words if word in HOMES), None)
    with speaking(language_of_process(arguments)):
        sys.exit(run_spoken(tree(HOMES if asked is None else [asked]), arguments))
