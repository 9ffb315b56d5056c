"""`tmc user`: the first accounts of an installation, made where its keys lie; later ones are made on the accounts page."""

import asyncio
import importlib

import click
from pydantic import ValidationError

from service.accounts.actions import create_staff
from service.accounts.passwords import Passwords
from service.accounts.schemas import StaffCreate
from service.cli.installation import asyncpg_address, open_databases
from service.cli.speaking import Refused, say
from service.foundation.actor import SYSTEM
from service.foundation.database import make_engine, make_sessions
from service.foundation.keyring import keyring_at
from service.foundation.language import later
from service.settings import Settings, get_settings


async def make_user(settings: Settings, address: str, new: StaffCreate) -> tuple[str, str]:
    """Make a staff account with its first post as the worker's role; returns (first password, TOTP secret)."""
    engine = make_engine(asyncpg_address(address), 1)
    try:
        async with make_sessions(engine).begin() as db:
            db.info["scope"] = SYSTEM
            _, password, secret = await create_staff(db, keyring_at(settings.keyring_path), Passwords(), new)
        return password, secret
    finally:
        await engine.dispose()


@click.group("user")
def user() -> None:
    """Accounts of staff."""


@user.command("create")
@click.option("--name", "login_name", required=True, help="Sign-in name: letters, digits, and . _ @ -")
@click.option("--display-name", required=True, help="Name as it is shown.")
@click.option("--organisation", required=True, help="Credit code or exact Chinese name of the organisation.")
@click.option("--role", required=True, help="Role at the organisation, such as security_administrator.")
def create(login_name: str, display_name: str, organisation: str, role: str) -> int:
    """Make a staff account with one post, and print its first password and the authenticator's secret, this once."""
    try:
        new = StaffCreate(login_name=login_name, display_name=display_name, organisation=organisation, role=role)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        option = "--name" if field == "login_name" else "--" + field.replace("_", "-")
        wrong = later("The value of %(name)s cannot be accepted: %(words)s")
        raise Refused(wrong, name=option, words=error.errors()[0]["msg"]) from error
    settings = get_settings()
    # The app comes first: it imports the tables of every room, without which foreign keys find no table.
    importlib.import_module("service.app")
    with open_databases(settings) as databases:
        password, secret = asyncio.run(make_user(settings, databases.worker, new))
    say(later("Sign-in name:          %(name)s"), name=new.login_name.lower())
    say(later("First password:        %(password)s"), password=password)
    say(later("Authenticator secret:  %(secret)s"), secret=secret)
    say(later("Neither can be shown again."))
    return 0
