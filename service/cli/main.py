"""The tree of commands, and the way into it."""

import sys
from collections.abc import Sequence

import click

from service.cli.backups import backup, restore
from service.cli.database import db
from service.cli.doctor import doctor
from service.cli.inspecting import invariants, openapi
from service.cli.running import run, worker
from service.cli.speaking import language_of_process, run_spoken
from service.cli.users import user
from service.cli.walking.walking import demo
from service.foundation.language import speaking


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


for command in (run, worker, demo, doctor, db, user, backup, restore, invariants, openapi):
    tmc.add_command(command)

ROOMS: tuple[click.Group, ...] = ()
"""Each room's `commands.commands`, listed here by hand: only the command line and the app open a room's doors."""

for room in ROOMS:
    tmc.add_command(room)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `tmc` and end the process with its exit status."""
    with speaking(language_of_process(arguments)):
        sys.exit(run_spoken(tmc, arguments))
