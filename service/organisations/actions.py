"""Legal entities are entered, found and corrected."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation.actor import Actor
from service.foundation.announcing import announce
from service.foundation.errors import NotFound
from service.foundation.journal import note
from service.foundation.names import name_keys
from service.foundation.records import uuid7
from service.foundation.text import clean
from service.organisations.errors import CreditCodeOfAnother, OrganisationAmbiguous
from service.organisations.events import SandboxOpened
from service.organisations.queries import by_credit_code, by_exact_name, organisation
from service.organisations.rules import OrganisationKind, compact_name, credit_code
from service.organisations.schemas import OrganisationChange, OrganisationCreate
from service.organisations.tables import Organisation

ENTER = sa.text("SELECT enter_organisation(:id, :uscc, :kind, :name, :keys, :province, :city)").bindparams(
    sa.bindparam("id", type_=sa.Uuid()),
    sa.bindparam("uscc", type_=sa.Text()),
    sa.bindparam("name", type_=JSONB()),
    sa.bindparam("keys", type_=ARRAY(sa.Text())),
    sa.bindparam("province", type_=sa.Text()),
    sa.bindparam("city", type_=sa.Text()),
)


OPEN_SANDBOX = sa.text("SELECT open_sandbox(:id, :again)").bindparams(sa.bindparam("id", type_=sa.Uuid()))
PREFIX = 8


def keys_for(name: dict[str, str]) -> list[str]:
    """Every key under which an organisation's Chinese or English name is found, each once.

    Long names are asked for by their beginning: pinyin and initials of the first 2 to PREFIX characters are keys too.
    """
    keys = dict.fromkeys(key for language in ("zh", "en") if name.get(language) for key in name_keys(name[language]))
    chinese = name.get("zh", "")
    for length in range(2, min(PREFIX, len(chinese)) + 1):
        keys.update(dict.fromkeys(key for key in name_keys(chinese[:length]) if key.isascii()))
    keys.update(dict.fromkeys(word.casefold() for word in name.get("en", "").split()))
    return list(keys)


async def organisation_for(
    db: AsyncSession,
    name: str | dict[str, str],
    uscc: str | None = None,
    kind: OrganisationKind | str = OrganisationKind.FIRM,
    province: str | None = None,
    city: str | None = None,
) -> Organisation:
    """The organisation an import names, entered when nobody has: by credit code, else by exact Chinese name.

    Raises CreditCodeRefused, CreditCodeOfAnother when the code is on record under a name that has nothing to do with
    the given one, and OrganisationAmbiguous when several bear the name and no code tells them apart.
    """
    given = {"zh": name} if isinstance(name, str) else dict(name)
    given["zh"] = clean(given.get("zh", ""), 200, min_length=1, fold_width=False, field="name")
    code = credit_code(uscc) if uscc else None
    if code is None:
        known = await by_exact_name(db, given["zh"])
        if len(known) > 1:
            raise OrganisationAmbiguous(field="uscc", name=given["zh"], count=len(known))
        if known:
            return known[0]
    else:
        bearer = await by_credit_code(db, code)
        if bearer is not None:
            _refuse_other_name(bearer, given["zh"], code)
            return bearer
    await db.flush()
    entered: Any = await db.scalar(
        ENTER,
        {
            "id": uuid7(),
            "uscc": code,
            "kind": OrganisationKind(kind).value,
            "name": given,
            "keys": keys_for(given),
            "province": province,
            "city": city,
        },
    )
    row = await organisation(db, UUID(str(entered)))
    await db.refresh(row)
    if code is not None:
        _refuse_other_name(row, given["zh"], code)
    return row


def _refuse_other_name(row: Organisation, name: str, code: str) -> None:
    recorded, given = compact_name(row.name.get("zh", "")), compact_name(name)
    if recorded not in given and given not in recorded:
        raise CreditCodeOfAnother(field="uscc", uscc=code, known=row.name)


async def create_organisation(db: AsyncSession, new: OrganisationCreate) -> Organisation:
    """A new legal entity by the administrator; raises CreditCodeOfAnother when the code is on record."""
    row = Organisation(
        uscc=credit_code(new.uscc) if new.uscc else None,
        kind=new.kind,
        name=new.name.model_dump(exclude_none=True),
        province=new.province,
        city=new.city,
    )
    row.name_keys = keys_for(row.name)
    await _write(db, row)
    await note(db, "organisation.entered", "organisation", row.id, org_id=row.id, kind=row.kind.value)
    return row


async def change_organisation(db: AsyncSession, org_id: UUID, change: OrganisationChange) -> Organisation:
    """Correct a legal entity; the change is journaled by the names of what changed. Raises NotFound, CreditCodeOfAnother."""
    row = await organisation(db, org_id)
    before = {"uscc": row.uscc, "kind": row.kind, "name": row.name, "province": row.province, "city": row.city}
    row.uscc = credit_code(change.uscc) if change.uscc else None
    row.kind = change.kind
    row.name = change.name.model_dump(exclude_none=True)
    row.name_keys = keys_for(row.name)
    row.province, row.city = change.province, change.city
    changed = sorted(name for name, value in before.items() if getattr(row, name) != value)
    await _write(db, row)
    await note(db, "organisation.changed", "organisation", row.id, org_id=row.id, changed=changed)
    return row


async def open_sandbox(db: AsyncSession, actor: Actor, again: bool = False) -> UUID:
    """The sandbox of the actor's organisation, opened when there is none; `again` ends the one before and opens another.

    A job fills a new one with synthetic data. Nothing of an ended sandbox is deleted: nobody acts for it any more.
    Raises NotFound for whoever acts for no organisation or for a sandbox.
    """
    fresh = uuid7()
    opened: Any = await db.scalar(OPEN_SANDBOX, {"id": fresh, "again": again})
    if opened is None:
        raise NotFound(what="sandbox")
    sandbox_id = UUID(str(opened))
    if sandbox_id == fresh:
        await note(db, "sandbox.reset" if again else "sandbox.opened", "organisation", sandbox_id, org_id=actor.org)
        await announce(db, SandboxOpened(org_id=sandbox_id))
    return sandbox_id


async def _write(db: AsyncSession, row: Organisation) -> None:
    code, known = row.uscc, await by_credit_code(db, row.uscc) if row.uscc else None
    if known is not None and known.id != row.id:
        raise CreditCodeOfAnother(field="uscc", uscc=code, known=known.name)
    db.add(row)
    try:
        await db.flush()  # two at once: the database decides
    except IntegrityError as error:
        raise CreditCodeOfAnother(field="uscc", uscc=code, known=row.name) from error
