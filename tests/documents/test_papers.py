"""Issued papers: facts sealed and frozen, the file kept once, seen by its person and its organisation only."""

import hashlib
from typing import Any
from uuid import UUID

import pytest
import rfc8785

from service.documents.actions import facts_of, file_failed, file_ready, register
from service.documents.errors import PaperErased, PaperNotReady
from service.documents.queries import document, documents_about, paper
from service.documents.tables import DocumentState, IssuedDocument
from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.foundation.keyring import Keyring
from service.people.actions import personal_key
from service.settings import Settings
from tests.conftest import As, ClientAs, World
from tests.given import accounts
from tests.given.people import person

FACTS: dict[str, Any] = {"name": "林知远", "minutes": 2700}


class Issued:
    """A paper about a person of an organisation."""

    def __init__(self, row: IssuedDocument, key: bytes, staff: Actor, holder: Actor) -> None:
        self.row = row
        self.key = key
        self.staff = staff
        self.holder = holder


async def one_paper(world: World, keyring: Keyring) -> Issued:
    """A paper registered for a person."""
    async with world() as db:
        home = await accounts.organisation(db)
        who = await person(db, "林知远", seen_by=home.id)
        key = await personal_key(db, keyring, who.id)
        row = await register(
            db,
            key=key,
            org_id=home.id,
            person_id=who.id,
            kind="hours_statement",
            subject_kind="enrolment",
            subject_id=who.id,
            facts=FACTS,
            specimen=False,
        )
        await db.flush()
        staff = await accounts.staff(db, "scheduler", home.id)
        holder = await accounts.holder(db, who.id)
    return Issued(row, key, staff, holder)


async def test_facts_are_canonical_sealed_and_found_again(world: World, keyring: Keyring) -> None:
    made = await one_paper(world, keyring)
    assert made.row.facts_digest == hashlib.sha256(rfc8785.dumps(FACTS)).hexdigest()
    assert "林知远".encode() not in made.row.facts_sealed
    assert facts_of(made.row, made.key) == FACTS
    with pytest.raises(PaperErased):
        facts_of(made.row, bytes(32))


async def test_a_file_is_kept_once_and_stays(world: World, keyring: Keyring, settings: Settings) -> None:
    made = await one_paper(world, keyring)
    async with world() as db:
        with pytest.raises(PaperNotReady):
            await paper(db, settings, made.row.id)
        await file_failed(db, made.row.id, "为什么")
        assert (await document(db, made.row.id)).state is DocumentState.FAILED
        first = await file_ready(db, settings, made.row.id, b"%PDF one")
        assert first.sha256 == hashlib.sha256(b"%PDF one").hexdigest()
        assert first.failure is None
        again = await file_ready(db, settings, made.row.id, b"%PDF two")
        assert again.sha256 == first.sha256
        await file_failed(db, made.row.id, "too late")
        assert (await document(db, made.row.id)).state is DocumentState.READY
        assert (await paper(db, settings, made.row.id))[1] == b"%PDF one"
        assert [one.id for one in await documents_about(db, "enrolment", made.row.subject_id)] == [made.row.id]


async def test_only_the_person_and_the_organisation_open_a_paper(
    world: World, acting: As, client_as: ClientAs, keyring: Keyring, settings: Settings
) -> None:
    made = await one_paper(world, keyring)
    async with world() as db:
        await file_ready(db, settings, made.row.id, b"%PDF one")
        elsewhere = await accounts.organisation(db, "另一单位")
        stranger = await accounts.staff(db, "scheduler", elsewhere.id)
        other_person = await accounts.holder(db, (await person(db, "别人")).id)
        lecturer = await accounts.staff(db, "lecturer", made.staff.org)
    address = f"/api/documents/{made.row.id}/file"
    for who in (made.holder, made.staff):
        answer = await (await client_as(who)).get(address)
        assert answer.content == b"%PDF one"
        assert answer.headers["content-disposition"].startswith("attachment")
    for who in (stranger, other_person, lecturer):
        assert (await (await client_as(who)).get(address)).status_code == 404
    assert (await (await client_as(None)).get(address)).status_code == 401
    async with acting(stranger) as db:
        with pytest.raises(NotFound):
            await document(db, made.row.id)
        assert await documents_about(db, "enrolment", UUID(str(made.row.subject_id))) == []
