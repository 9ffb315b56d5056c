"""The demonstration's sign-ins, kept in a private file of the installation and never outside `tmc run --demo`."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from service.accounts.rules import ROLE_TITLES
from service.foundation.language import gettext
from service.settings import Settings, get_settings


@dataclass(frozen=True)
class SignIn:
    """One demonstration sign-in with its authenticator secret."""

    role: str
    name: str
    login_name: str
    password: str
    totp_secret: str


def file_of(settings: Settings) -> Path:
    """Where the sign-ins are kept (mode 0600)."""
    return settings.var_dir / "demo" / "sign-ins.json"


def new_password() -> str:
    """A password for all of this installation's demonstration accounts."""
    return f"demo-{secrets.token_urlsafe(9)}"


def keep(settings: Settings, sign_ins: list[SignIn]) -> None:
    """Write the file anew."""
    path = file_of(settings)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump([asdict(one) for one in sign_ins], file, ensure_ascii=False, indent=1)


def kept(settings: Settings) -> list[SignIn]:
    """The sign-ins of this installation; none before the demonstration was loaded."""
    path = file_of(settings)
    return [SignIn(**one) for one in json.loads(path.read_text())] if path.exists() else []


def sign_ins(url: str) -> list[str]:
    """Lines to print at the start of the demonstration: where to sign in, and one sign-in per role."""
    found = kept(get_settings())
    if not found:
        return []
    lines = [f"{url}/demo  —  {gettext('One button per role; or by hand with these:')}"]
    for one in found:
        title = gettext(ROLE_TITLES.get(one.role, one.role))
        lines.append(f"  {one.login_name:16} {one.password:22} TOTP {one.totp_secret}  {title}")
    return lines
