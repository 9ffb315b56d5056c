"""After an erasure number, digests and state are still answered, and no name is found anywhere."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from service.credentials.actions import erase_names
from service.credentials.tables import Credential
from service.documents.actions import erase_papers, file_failed, file_ready
from service.documents.tables import DocumentState, IssuedDocument
from service.foundation import announcing
from service.foundation.keyring import Keyring
from service.organisations.rules import OrganisationKind
from service.people.actions import erase_person
from service.settings import Settings
from tests.conftest import As, ClientAs, World
from tests.credentials.test_correcting import House
from tests.given import accounts

Drain = Callable[[], Awaitable[int]]


async def erased(house: House, acting: As, world: World) -> None:
    """The security administrator carries an erasure out."""
    async with world() as db:
        office = await accounts.organisation(db, "某部", OrganisationKind.GOVERNMENT)
        administrator = await accounts.staff(db, "security_administrator", office.id)
    async with acting(administrator) as db:
        await erase_person(db, administrator, house.made.person_id)


async def asked(stranger: httpx.AsyncClient, row: Credential, name: str) -> list[str]:
    """What number with code, and number with name, answer."""
    by_code = await stranger.get(f"/api/verify/{row.number}", params={"code": row.check_code})
    by_name = await stranger.post("/api/verify", json={"number": row.number, "name": name})
    return [by_code.json()["state"], by_name.json()["state"]]


async def test_erasure_leaves_number_digest_and_state_and_no_name(
    world: World,
    acting: As,
    keyring: Keyring,
    settings: Settings,
    drain: Drain,
    client_as: ClientAs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(announcing.resources, "settings", settings)
    house = await House(world, acting, keyring, settings).open()
    await drain()
    await house.corrected()
    await drain()
    stranger, office, holder = (
        await client_as(None),
        await client_as(house.base.director),
        await client_as(house.holder),
    )
    file = (await holder.get(f"/api/my/credentials/{house.made.id}/signed")).content
    newer, earlier = await house.versions()
    assert await asked(stranger, newer, "林知远") == ["valid", "valid"]
    async with world() as db:
        papers = [await db.get_one(IssuedDocument, one.document_id) for one in (newer, earlier)]
        kept = [(one.sha256, one.facts_digest, one.check_code) for one in papers]
        places = [settings.files_dir / str(one.file_key) for one in papers]
    assert all(one.is_file() for one in places)

    await erased(house, acting, world)
    await drain()

    assert await asked(stranger, newer, "林知远") == ["valid", "unknown"]
    assert await asked(stranger, earlier, "LIN Zhiyuan") == ["superseded", "unknown"]
    assert (await stranger.post("/api/verify/credential", content=file)).json()["state"] == "superseded"
    page = await stranger.get(f"/V/{newer.number}/{newer.check_code}")
    assert "已按持证人要求删除" in page.text
    assert not any(one.exists() for one in places)
    async with world() as db:
        papers = [await db.get_one(IssuedDocument, one.document_id) for one in (newer, earlier)]
        assert {one.state for one in papers} == {DocumentState.ERASED}
        assert [(one.sha256, one.facts_digest, one.check_code) for one in papers] == kept
        rows = [
            [str(value) for value in row]
            for statement in (
                "SELECT masked_name, name_lookup, english_lookup FROM credential",
                "SELECT * FROM person",
            )
            for row in (await db.execute(sa.text(statement))).all()
            if "林" in json.dumps([str(value) for value in row], ensure_ascii=False)
        ]
        assert not any(str(house.made.person_id) in row for row in rows)
        again = await db.get_one(Credential, newer.id)
        assert (again.masked_name, again.name_lookup, again.english_lookup) == ("", b"", None)
        assert await erase_names(db, house.made.person_id) == 0
        assert await erase_papers(db, settings, house.made.person_id) == 0
    refused = await office.get(f"/api/documents/{newer.document_id}/file")
    assert refused.status_code in (404, 410)
    assert (await office.get(f"/api/credentials/{newer.id}")).status_code in (404, 410)


async def test_a_paper_that_was_erased_is_not_made_again(
    world: World, acting: As, keyring: Keyring, settings: Settings, tmp_path: Path
) -> None:
    house = await House(world, acting, keyring, settings).open()
    async with world() as db:
        assert await erase_papers(db, settings, house.made.person_id) == 1
        row = await file_ready(db, settings, house.made.document_id, b"%PDF late")  # type: ignore[arg-type]
        await file_failed(db, row.id, "too late")
        assert (row.state, row.file_key, row.sha256) == (DocumentState.ERASED, None, None)


async def test_names_are_not_blanked_while_the_person_is_not_erased(
    world: World, acting: As, keyring: Keyring, settings: Settings
) -> None:
    house = await House(world, acting, keyring, settings).open()
    async with world() as db:
        with pytest.raises(sa.exc.DBAPIError):
            async with db.begin_nested():
                await erase_names(db, house.made.person_id)
