"""A signed-in person declares who they are; documents, names and consents behave."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from service.accounts.tables import Account
from service.foundation.actor import Actor, Reach
from service.foundation.errors import NotFound
from service.foundation.keyring import Keyring
from service.people.actions import (
    change_name,
    confirm_english_name,
    declare_identity,
    give_consent,
    open_for,
    person_for,
    record_qualification,
    withdraw_consent,
)
from service.people.errors import (
    ConsentNeedsOrganisation,
    DocumentKnown,
    IdentityConsentNeeded,
    IdentityTaken,
    LifelongNumber,
    NameDiffers,
    NameIsCertified,
    PurposeUnknown,
    WrongEnglishName,
)
from service.people.queries import consents_of, has_consented, identities_of, persons, seen_people
from service.people.tables import IdentityDocument, IdentityState, Person, PersonName
from tests.conftest import As, World
from tests.given import accounts as given
from tests.given import people
from tests.given.people import resident_number


async def declared(world: World, acting: As, keyring: Keyring, name: str = "张三") -> tuple[Actor, Person, str]:
    """A signed-in person who has declared a resident card: (actor with person, person, number)."""
    number = resident_number()
    async with world() as db:
        actor = await given.holder(db)
    async with acting(actor) as db:
        row = await declare_identity(db, keyring, actor, name=name, kind="resident", number=number, consented=True)
    return replace(actor, person_id=row.id), row, number


async def test_declaring_links_the_account_and_records_the_consent(world: World, acting: As, keyring: Keyring) -> None:
    actor, row, number = await declared(world, acting, keyring, "欧阳娜娜")
    async with acting(actor) as db:
        assert await has_consented(db, row.id, "identity")
        [document] = await identities_of(db, row.id)
        assert number not in (document.masked, row.name)
        account = await db.get(Account, actor.account_id)
        assert account is not None
        assert account.person_id == row.id
        assert account.display_name == "欧阳娜娜"


async def test_without_consent_nothing_is_kept(world: World, acting: As, keyring: Keyring) -> None:
    async with world() as db:
        actor = await given.holder(db)
    async with acting(actor) as db:
        with pytest.raises(IdentityConsentNeeded) as refused:
            await declare_identity(
                db, keyring, actor, name="张三", kind="resident", number=resident_number(), consented=False
            )
    assert refused.value.field == "consent"


async def test_a_person_entered_by_a_base_is_found_by_its_own_document(
    world: World, acting: As, keyring: Keyring
) -> None:
    number = resident_number()
    async with world() as db:
        clerk = await given.staff(db, "scheduler", (await given.organisation(db)).id)
        actor = await given.holder(db)
    async with acting(clerk) as db:
        entered = await person_for(
            db, keyring, name="张三", kind="resident", number=number, ground="enrolment", org_id=clerk.org
        )
    async with acting(actor) as db:
        row = await declare_identity(db, keyring, actor, name="张三", kind="resident", number=number, consented=True)
    assert row.id == entered.id


@pytest.mark.parametrize("name", ["张三", "李四"])
async def test_a_document_of_another_account_is_refused_alike_with_right_and_wrong_name(
    world: World, acting: As, keyring: Keyring, name: str
) -> None:
    _first, _row, number = await declared(world, acting, keyring, "张三")
    async with world() as db:
        other = await given.holder(db)
    async with acting(other) as db:
        with pytest.raises(IdentityTaken) as refused:
            await declare_identity(db, keyring, other, name=name, kind="resident", number=number, consented=True)
    assert refused.value.facts == {"field": "identity_number"}
    async with acting(other) as db:
        account = await db.get(Account, other.account_id)
        assert account is not None
        assert account.person_id is None


async def test_further_documents_join_the_same_person(world: World, acting: As, keyring: Keyring) -> None:
    actor, row, number = await declared(world, acting, keyring)
    async with acting(actor) as db:
        same = await declare_identity(
            db, keyring, actor, name="张三", kind="passport", number="E12345678", consented=True
        )
        assert same.id == row.id
        assert {one.kind for one in await identities_of(db, row.id)} == {"resident", "passport"}
    for name, kind, given_number, refusal in [
        ("李四", "passport", "E87654321", NameDiffers),
        ("张三", "passport", "E12345678", DocumentKnown),
        ("张三", "resident", number, DocumentKnown),
        ("张三", "resident", resident_number(), LifelongNumber),
    ]:
        async with acting(actor) as db:
            with pytest.raises(refusal):
                await declare_identity(db, keyring, actor, name=name, kind=kind, number=given_number, consented=True)
    other, _row, _number = await declared(world, acting, keyring, "李四")
    async with acting(other) as db:
        with pytest.raises(IdentityTaken):
            await declare_identity(db, keyring, other, name="李四", kind="passport", number="E12345678", consented=True)


async def test_an_earlier_name_is_kept_sealed(world: World, acting: As, keyring: Keyring) -> None:
    actor, row, _number = await declared(world, acting, keyring, "张三")
    async with acting(actor) as db:
        row = (await persons(db, [row.id]))[row.id]
        await confirm_english_name(db, actor, "ZHANG San")
        await change_name(db, keyring, actor, row, "张三丰")
        assert row.name == "张三丰"
        assert row.english_name is None, "the new spelling is confirmed anew"
        [earlier] = list(await db.scalars(select(PersonName).where(col(PersonName.person_id) == row.id)))
        assert "张三".encode() not in earlier.name_sealed
        shown = await open_for(db, keyring, row.id, earlier.name_sealed, f"person_name.name_sealed:{earlier.id}")
        assert shown == "张三"
        account = await db.get(Account, actor.account_id)
        assert account is not None
        await db.refresh(account)
        assert account.display_name == "张三丰"


async def test_documents_are_looked_at_again_after_a_change_of_name(world: World, acting: As, keyring: Keyring) -> None:
    actor, row, _number = await declared(world, acting, keyring, "张三")
    async with world() as db:
        await db.execute(sa.update(IdentityDocument).values(state=IdentityState.SEEN))
    async with acting(actor) as db:
        await change_name(db, keyring, actor, (await persons(db, [row.id]))[row.id], "李四")
    async with acting(actor) as db:
        assert [one.state for one in await identities_of(db, row.id)] == [IdentityState.DECLARED]


async def test_documents_are_looked_at_again_when_a_telephone_claims_a_person(
    world: World, acting: As, keyring: Keyring
) -> None:
    number = resident_number()
    async with world() as db:
        home = await given.organisation(db)
        await person_for(db, keyring, name="张三", kind="resident", number=number, ground="enrolment", org_id=home.id)
        await db.execute(sa.update(IdentityDocument).values(state=IdentityState.SEEN))
        stranger = await given.holder(db)
    async with acting(stranger) as db:
        row = await declare_identity(db, keyring, stranger, name="张三", kind="resident", number=number, consented=True)
        assert [one.state for one in await identities_of(db, row.id)] == [IdentityState.DECLARED]


async def test_a_name_on_certificates_is_changed_by_a_base_only(world: World, acting: As, keyring: Keyring) -> None:
    actor, row, _number = await declared(world, acting, keyring)
    async with world() as db:
        base = await given.organisation(db)
        clerk = await given.staff(db, "scheduler", base.id)
        await record_qualification(
            db,
            person_id=row.id,
            credential_id=base.id,
            number="1",
            scheme="s",
            level="1",
            awarded_on=given.LONG_AGO,
        )
    async with acting(actor) as db:
        own = (await persons(db, [row.id]))[row.id]
        with pytest.raises(NameIsCertified):
            await change_name(db, keyring, actor, own, "李四")
        await give_consent(db, actor, "university_view", base.id)
    async with acting(clerk) as db:
        seen = (await persons(db, [row.id]))[row.id]
        changed = await change_name(db, keyring, clerk, seen, "李四")
        assert changed.name == "李四"


async def test_english_spelling_is_confirmed_by_the_holder(world: World, acting: As, keyring: Keyring) -> None:
    actor, _row, _number = await declared(world, acting, keyring, "吕西安")
    async with acting(actor) as db:
        confirmed = await confirm_english_name(db, actor, "LYU  Xi’an")
        assert confirmed.english_name == "LYU Xi'an"
        assert confirmed.english_confirmed_at is not None
        with pytest.raises(WrongEnglishName):
            await confirm_english_name(db, actor, "吕西安")


async def test_consent_opens_and_withdrawal_closes_at_once(world: World, acting: As, keyring: Keyring) -> None:
    actor, row, _number = await declared(world, acting, keyring)
    async with world() as db:
        school = await given.organisation(db)
        reader = await given.staff(db, "university_verifier", school.id)
    async with acting(reader) as db:
        assert await seen_people(db, reader) == []
    async with acting(actor) as db:
        consent = await give_consent(db, actor, "university_view", school.id)
        assert (await give_consent(db, actor, "university_view", school.id)).id == consent.id
    async with acting(reader) as db:
        assert [one.id for one in await seen_people(db, reader, "张")] == [row.id]
        assert [one.id for one in await seen_people(db, reader, "zhangsan")] == [row.id]
        assert [one.id for one in await seen_people(db, reader, "zs")] == [row.id]
        assert await seen_people(db, reader, "李") == []
    async with acting(actor) as db:
        await withdraw_consent(db, actor, consent.id)
        assert [one.purpose for one in await consents_of(db, row.id)] == ["identity"]
    async with acting(reader) as db:
        assert await seen_people(db, reader) == []
        assert await persons(db, [row.id]) == {}
    async with acting(actor) as db:
        again = await give_consent(db, actor, "university_view", school.id)
        assert again.id != consent.id
    async with acting(reader) as db:
        assert [one.id for one in await seen_people(db, reader)] == [row.id]


async def test_consents_that_cannot_be_are_refused(world: World, acting: As, keyring: Keyring) -> None:
    actor, _row, _number = await declared(world, acting, keyring)
    other, _other_row, _ = await declared(world, acting, keyring, "李四")
    async with world() as db:
        school = await given.organisation(db)
    async with acting(actor) as db:
        with pytest.raises(PurposeUnknown):
            await give_consent(db, actor, "advertising")
        with pytest.raises(ConsentNeedsOrganisation):
            await give_consent(db, actor, "employer_view")
        with pytest.raises(ConsentNeedsOrganisation):
            await give_consent(db, actor, "follow_up", school.id)
        with pytest.raises(NotFound):
            await give_consent(db, actor, "employer_view", actor.person)
        consent = await give_consent(db, actor, "follow_up")
    async with acting(other) as db:
        with pytest.raises(NotFound):
            await withdraw_consent(db, other, consent.id)


async def test_nobody_without_a_ground_reads_a_person_even_by_id(world: World, acting: As) -> None:
    async with world() as db:
        base = await given.organisation(db)
        row = await people.person(db, seen_by=base.id)
        clerk = await given.staff(db, "scheduler", base.id)
        stranger = await given.staff(db, "base_director", (await given.organisation(db)).id)
        reader = await given.staff(db, "ministry_reader", (await given.organisation(db)).id)
        security = await given.staff(db, "security_administrator", (await given.organisation(db)).id)
        holder = await given.holder(db)
    async with acting(clerk) as db:
        assert set(await persons(db, [row.id])) == {row.id}
    for actor in (stranger, reader, security, holder):
        async with acting(actor) as db:
            assert await persons(db, [row.id]) == {}, actor.role
            assert await identities_of(db, row.id) == [], actor.role
    assert security.reach is Reach.AUTHORITY
