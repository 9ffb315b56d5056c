"""A person's own data, whole, as the database holds it: for reading and for taking elsewhere (PIPL 45)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col, select

from service.accounts.tables import Account
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.journal import note
from service.foundation.keyring import Keyring
from service.foundation.text import mask_phone
from service.people.actions.personal_keys import open_for
from service.people.queries import looks_at, own_id, person
from service.people.reading import personal_fields
from service.people.tables import PersonName

# Columns told of every row that names the person, beside those registered as personal. Keys, digests, sealed facts and
# the contents of papers and examinations are not among them: papers are had from the rooms that issue them.
TOLD = (
    "id", "created_at", "org_id", "state", "kind", "level", "number", "scheme", "role", "purpose", "ground", "until",
    "text_version", "withdrawn_at", "starts_on", "ends_on", "awarded_on", "valid_until", "presence", "minutes",
    "amount_fen", "gross_fen", "tax_fen", "net_fen", "source", "submitted_at", "enrolled_at", "ended_at",
)  # fmt: skip
NOT_TOLD = ("name_keys", "sort_key", "record")


async def own_data(db: AsyncSession, keyring: Keyring, actor: Actor) -> dict[str, Any]:
    """Everything stored about the person that the person may read, by table; the answer fits into JSON."""
    row = await person(db, own_id(actor))
    tables: dict[str, list[dict[str, Any]]] = {}
    for table in await _readable(db):
        owner = table.c.get("person_id")
        if owner is None:
            continue
        columns = _told_columns(table)
        found = await db.execute(sa.select(*columns).where(owner == row.id).limit(10_000))
        lines = [{name: _plain(value) for name, value in line._mapping.items()} for line in found]
        if lines:
            tables[table.name] = lines
    earlier = []
    for one in await db.scalars(select(PersonName).where(col(PersonName.person_id) == row.id)):
        name = await open_for(db, keyring, row.id, one.name_sealed, f"person_name.name_sealed:{one.id}")
        earlier.append({"name": name, "until": one.until.isoformat()})
    account = await db.get(Account, actor.account_id)
    await note(db, "person.own_data_taken", "person", row.id, person_id=row.id)
    return {
        "made_at": clock.now().isoformat(),
        "person": {"id": str(row.id), "name": row.name, "english_name": row.english_name, "earlier_names": earlier},
        "mobile": _masked_mobile(keyring, account),
        "looks": [
            {"at": one.created_at.isoformat(), "action": one.action, "org_id": str(one.org_id or "") or None}
            for one in await looks_at(db, row.id, actor.account_id, limit=1000)
        ],
        "tables": tables,
    }


async def _readable(db: AsyncSession) -> list[sa.Table]:
    names = [table.name for table in SQLModel.metadata.sorted_tables]
    may = sa.text("SELECT name FROM unnest(CAST(:names AS text[])) AS name WHERE has_table_privilege(name, 'SELECT')")
    readable = set(await db.scalars(may, {"names": names}))
    return [table for table in SQLModel.metadata.sorted_tables if table.name in readable and table.name != "account"]


def _told_columns(table: sa.Table) -> list[sa.Column[Any]]:
    registered = personal_fields().get(table.name, {})
    return [
        column
        for column in table.columns
        if (column.name in TOLD or column.name in registered)
        and column.name not in NOT_TOLD
        and not isinstance(column.type, sa.LargeBinary)
    ]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _masked_mobile(keyring: Keyring, account: Account | None) -> str | None:
    if account is None or account.phone_sealed is None:
        return None
    return mask_phone(keyring.decrypt(account.phone_sealed, f"account.phone:{account.id}").decode())
