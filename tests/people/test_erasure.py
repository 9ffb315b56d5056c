"""Erasure leaves no trace of name, number or key; what must stay stays without a name."""

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, col, select

from service.accounts.tables import Account, AccountState
from service.foundation.errors import NotAllowed
from service.foundation.journal import JournalEntry
from service.foundation.keyring import Keyring
from service.people.actions import (
    declare_identity,
    erase_person,
    open_for,
    person_for,
    personal_key,
    record_qualification,
    seal_for,
)
from service.people.errors import PersonErased
from service.people.queries import persons
from service.people.tables import Affiliation, PersonKey, Qualification
from tests.conftest import As, ClientAs, World
from tests.given import accounts as given
from tests.given import people
from tests.given.people import resident_number

CANARY = "甄金丝雀"
SPELLING = "ZHEN Jinsique"
EARLIER = "贾金丝雀"


async def everything_in_the_database(world: World) -> str:
    """Every row of every table as text, bytes as hexadecimal."""
    seen = []
    async with world() as db:
        for table in SQLModel.metadata.sorted_tables:
            if table.name == "rate_bucket":
                continue
            rows = await db.scalars(sa.text(f"SELECT CAST(one AS text) FROM {table.name} AS one"))
            seen.extend(rows)
    return "\n".join(seen)


async def test_no_canary_survives_and_number_and_state_do(
    world: World, acting: As, client_as: ClientAs, keyring: Keyring
) -> None:
    number, phone = resident_number(), "+8613900139000"
    async with world() as db:
        base = await given.organisation(db)
        clerk = await given.staff(db, "scheduler", base.id)
        office = await given.staff(db, "security_administrator", base.id)
        actor = await given.holder(db, name=EARLIER)
        account = await db.get(Account, actor.account_id)
        assert account is not None
        account.phone_lookup = keyring.lookup("phone", phone)
        account.phone_sealed = keyring.encrypt(phone.encode(), f"account.phone:{account.id}")
    async with acting(clerk) as db:
        row = await person_for(
            db, keyring, name=EARLIER, kind="resident", number=number, ground="enrolment", org_id=base.id
        )
        await record_qualification(
            db, person_id=row.id, credential_id=base.id, number="JS-1", scheme="s", level="1", awarded_on=given.LONG_AGO
        )
        facts = await seal_for(db, keyring, row.id, CANARY, "issued_document.facts_sealed:1")
        db.add(Affiliation(person_id=row.id, org_id=base.id, title=CANARY, source="employer", asked_as=CANARY))
    async with acting(actor) as db:
        await declare_identity(db, keyring, actor, name=EARLIER, kind="resident", number=number, consented=True)
    desk, self_ = await client_as(clerk), await client_as(actor)
    assert (await desk.put(f"/api/people/{row.id}/name", json={"name": CANARY})).status_code == 200
    assert (await self_.put("/api/my/english-name", json={"english_name": SPELLING})).status_code == 200
    before = await everything_in_the_database(world)
    for canary in (CANARY, SPELLING, number[:4] + "*" * 10 + number[-4:]):
        assert canary in before, canary
    assert number not in before
    assert EARLIER not in before, "an earlier name is sealed from the start"
    sealed_before = [line for line in before.splitlines() if keyring.lookup("phone", phone).hex() in line]
    assert sealed_before

    asked = await self_.post("/api/my/erasure")
    assert asked.status_code == 201, asked.text
    again = await self_.post("/my/profile/erasure")
    assert again.status_code == 422
    assert "正在办理" in again.text
    assert (await desk.get("/erasures")).status_code == 403
    admin = await client_as(office)
    listed = await admin.get("/erasures")
    assert str(row.id) in listed.text
    assert CANARY not in listed.text
    done = await admin.post(f"/erasures/{asked.json()['id']}", data={"carry_out": "true"})
    assert done.status_code == 303, done.text

    after = await everything_in_the_database(world)
    lookups = (
        keyring.lookup("phone", phone).hex(),
        keyring.lookup("identity:resident", number).hex(),
    )
    for canary in (CANARY, EARLIER, SPELLING, number, number[:4] + "*" * 10, "zhenjinsique", *lookups):
        assert canary not in after, canary
    async with world() as db:
        kept = (await db.scalars(select(Qualification).where(col(Qualification.person_id) == row.id))).one()
        assert (kept.number, kept.state) == ("JS-1", "valid")
        key = (await db.scalars(select(PersonKey).where(col(PersonKey.person_id) == row.id))).one()
        assert key.sealed is None
        with pytest.raises(PersonErased):
            await open_for(db, keyring, row.id, facts, "issued_document.facts_sealed:1")
        account = await db.get(Account, actor.account_id)
        assert account is not None
        assert account.state is AccountState.CLOSED
        noted = await db.scalars(
            select(JournalEntry.action).where(col(JournalEntry.person_id) == row.id).order_by(col(JournalEntry.id))
        )
        assert list(noted)[-1] == "person.erased"
    assert (await self_.get("/api/me")).status_code == 401
    assert (await desk.get(f"/people/{row.id}")).status_code == 404
    assert (await admin.post(f"/api/erasures/{asked.json()['id']}", json={"carry_out": True})).status_code == 409
    async with acting(clerk) as db:
        anew = await person_for(
            db, keyring, name=EARLIER, kind="resident", number=number, ground="enrolment", org_id=base.id
        )
        assert anew.id != row.id, "the erased person is nobody's again"


async def test_a_refused_request_says_why_and_changes_nothing(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        row = await people.person(db, "李四")
        actor = await given.holder(db, row.id, "李四")
        office = await given.staff(db, "security_administrator", (await given.organisation(db)).id)
    self_, admin = await client_as(actor), await client_as(office)
    asked = (await self_.post("/api/my/erasure")).json()["id"]
    told = await admin.post(f"/api/erasures/{asked}", json={"carry_out": False, "reason": "证书复核未结束"})
    assert told.json()["state"] == "refused"
    assert (await self_.get("/api/my/profile")).json()["name"] == "李四"
    assert (await self_.post("/api/my/erasure")).status_code == 201, "one may ask again"
    assert (
        await admin.post("/api/erasures/00000000-0000-7000-8000-000000000000", json={"carry_out": True})
    ).status_code == 404


async def test_a_person_with_a_post_is_not_erased(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        base = await given.organisation(db)
        row = await people.person(db, "李四")
        teacher = await given.staff(db, "lecturer", base.id, "李四", row.id)
        office = await given.staff(db, "security_administrator", base.id)
    self_, admin = await client_as(teacher), await client_as(office)
    asked = (await self_.post("/api/my/erasure")).json()["id"]
    for language, words in (("zh-CN", "仍任有 1 个岗位"), ("en", "still holds 1 posts")):
        refused = await admin.post(
            f"/api/erasures/{asked}", json={"carry_out": True}, headers={"accept-language": language}
        )
        assert refused.status_code == 409
        assert words in refused.json()["detail"]
    assert (await self_.get("/api/my/profile")).json()["name"] == "李四"


async def test_nobody_but_the_security_administrator_erases(world: World, acting: As) -> None:
    async with world() as db:
        base = await given.organisation(db)
        row = await people.person(db, "李四", seen_by=base.id)
        director = await given.staff(db, "base_director", base.id)
    async with acting(director) as db:
        with pytest.raises(NotAllowed):
            await erase_person(db, director, row.id)
    async with acting(director) as db:
        with pytest.raises(sa.exc.DBAPIError):
            async with db.begin_nested():
                await db.execute(sa.text("SELECT erase_person(:id)"), {"id": row.id})
        assert set(await persons(db, [row.id])) == {row.id}


async def test_keys_stay_apart(world: World, keyring: Keyring) -> None:
    async with world() as db:
        one, other = await people.person(db, "李四"), await people.person(db, "王五")
        assert await personal_key(db, keyring, one.id) != await personal_key(db, keyring, other.id)
