"""The inbox: each reads only their own letters, in their language, and text messages leave once."""

import ast
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

import service
from service.foundation import announcing
from service.foundation.keyring import Keyring
from service.letters.actions import write
from service.letters.errors import ChannelUnknown, NobodyToWriteTo
from service.letters.messages import ConsoleMessages
from service.letters.rules import KINDS, UNKNOWN, kind_of, link_of
from service.letters.tables import Letter, LetterState
from tests.conftest import As, ClientAs, World
from tests.given import accounts as given
from tests.given.people import person

Drain = Callable[[], Awaitable[int]]


async def test_each_reads_only_their_own_letters(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        mine = await given.holder(db, (await person(db, "张三")).id)
        other = await given.holder(db, (await person(db, "李四")).id)
        assert mine.person_id is not None
        await write(db, kind="enrolment.enrolled", facts={"code": "SH-2026-01"}, person_id=mine.person_id)
        letter = await write(db, kind="export.ready", facts={"export_id": "x"}, account_id=other.account_id)
    browser, stranger = await client_as(mine), await client_as(other)
    page = (await browser.get("/inbox")).text
    assert "您已被录取到班次 SH-2026-01" in page
    assert "导出文件" not in page
    assert "SH-2026-01" not in (await stranger.get("/inbox")).text
    assert (await browser.post(f"/inbox/{letter}/open")).status_code == 404
    assert (await browser.post(f"/api/inbox/{letter}/read")).status_code == 404
    rows = (await stranger.get("/api/inbox")).json()["rows"]
    assert [one["href"] for one in rows] == ["/exports/x"]


async def test_a_letter_is_read_once_and_leads_where_it_says(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        mine = await given.holder(db)
        letter = await write(db, kind="export.ready", facts={"export_id": "e1"}, account_id=mine.account_id)
        await write(db, kind="export.ready", facts={"export_id": "e2"}, account_id=mine.account_id)
    browser = await client_as(mine)
    opened = await browser.post(f"/inbox/{letter}/open")
    assert (opened.status_code, opened.headers["location"]) == (303, "/exports/e1")
    rows = (await browser.get("/api/inbox", headers={"accept-language": "en"})).json()["rows"]
    assert {one["title"] for one in rows} == {"Your export is ready"}
    assert {one["href"]: one["read_at"] is not None for one in rows} == {"/exports/e1": True, "/exports/e2": False}
    assert (await browser.post("/inbox/read")).status_code == 303
    rows = (await browser.get("/api/inbox")).json()["rows"]
    assert all(one["read_at"] for one in rows)


async def test_letters_come_in_pages(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        mine = await given.holder(db)
        for number in range(35):
            await write(db, kind="enrolment.enrolled", facts={"code": f"C{number:02d}"}, account_id=mine.account_id)
    browser = await client_as(mine)
    first = (await browser.get("/api/inbox?limit=20")).json()
    second = (await browser.get("/api/inbox", params={"limit": 20, "cursor": first["next"]})).json()
    rows = first["rows"] + second["rows"]
    assert len({one["id"] for one in rows}) == 35
    assert sorted(one["text"].split("班次 ")[1][:3] for one in rows) == [f"C{number:02d}" for number in range(35)]
    assert second["next"] is None
    page = (await browser.get("/inbox")).text
    assert page.count("您已被录取到班次") == 30
    assert "/inbox?after=" in page


async def test_a_letter_to_nobody_or_by_no_way_is_refused(world: World) -> None:
    async with world() as db:
        mine = await given.holder(db)
        with pytest.raises(NobodyToWriteTo):
            await write(db, kind="export.ready", facts={})
        with pytest.raises(ChannelUnknown):
            await write(db, kind="export.ready", facts={}, account_id=mine.account_id, channel="pigeon")


async def test_a_text_message_leaves_once_in_the_readers_language(
    world: World, acting: As, drain: Drain, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = ConsoleMessages()
    monkeypatch.setitem(announcing.resources, "short_messages", port)
    async with world() as db:
        account = await given.account(db)
        account.phone_sealed = keyring.encrypt(b"+8613800138000", f"account.phone:{account.id}")
        account.language = "en"
        without = await given.account(db)
        sent = await write(db, kind="credential.issued", facts={"number": "N1"}, account_id=account.id, channel="sms")
        failed = await write(db, kind="credential.issued", facts={"number": "N2"}, account_id=without.id, channel="sms")
    assert await drain() == 2
    assert await drain() == 0
    assert [(phone, "Certificate N1 has been issued" in text) for phone, text in port.sent] == [
        ("+8613800138000", True)
    ]
    async with world() as db:
        states = {row.id: row.state for row in await db.scalars(sa.select(Letter))}
    assert (states[sent], states[failed]) == (LetterState.SENT, LetterState.FAILED)


def written_kinds() -> Iterator[tuple[str, str]]:
    """(file, kind) for every letter the service writes with a literal kind."""
    for path in Path(service.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                for keyword in node.keywords:
                    written = name in ("Letter", "write", "write_letter") and keyword.arg == "kind"
                    if written and isinstance(keyword.value, ast.Constant):
                        yield str(path), str(keyword.value.value)


def test_every_kind_that_is_written_has_its_sentences() -> None:
    found = list(written_kinds())
    assert len(found) >= 4
    assert [one for one in found if one[1] not in KINDS] == []


def test_an_unknown_kind_and_a_missing_fact_still_lead_somewhere() -> None:
    assert kind_of("nobody.wrote.this") is UNKNOWN
    assert link_of(KINDS["export.ready"], {}) == "/inbox"
    assert link_of(KINDS["export.ready"], {"export_id": "7"}) == "/exports/7"
