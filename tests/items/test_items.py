"""Writing, reviewing and freezing items; secrets stay inside their organisation and each look is journaled."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from httpx import AsyncClient
from hypothesis import given as for_all
from hypothesis import settings as with_settings
from hypothesis import strategies as st
from sqlmodel import col, select

from curricula.content import shipped
from curricula.items import Item as ItemValue
from service.foundation.errors import ContentConflict
from service.foundation.journal import JournalEntry
from service.items.actions import PUBLIC_BANK, load_public_bank, read_item
from service.items.errors import ItemUnfit
from service.items.queries import bank_value
from service.items.rules import FORM_KINDS, content_of, fields_of
from service.items.tables import Item, ItemBank, ItemState
from tests.conftest import ClientAs, World
from tests.given import accounts as given_accounts
from tests.given import items as given
from tests.given.items import SINGLE


class Desk:
    """An organisation with a bank, its author and its reviewer."""

    def __init__(self, bank: ItemBank, author: AsyncClient, reviewer: AsyncClient) -> None:
        self.bank, self.author, self.reviewer = bank, author, reviewer

    async def write(self, value: Mapping[str, Any] = SINGLE) -> Any:
        """Write an item as text."""
        body = {"bank_id": str(self.bank.id), "text": yaml.safe_dump(dict(value), allow_unicode=True)}
        return await self.author.post("/api/items", json=body)

    async def approved(self, value: Mapping[str, Any] = SINGLE) -> dict[str, Any]:
        """Write, hand in and approve."""
        item = (await self.write(value)).json()
        await self.author.post(f"/api/items/{item['id']}/hand-in")
        review = {"digest": item["digest"], "approve": True}
        answer = await self.reviewer.post(f"/api/items/{item['id']}/review", json=review)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@pytest.fixture
async def desk(world: World, client_as: ClientAs) -> Desk:
    """One organisation's item desk."""
    async with world() as db:
        home = await given_accounts.organisation(db)
        bank = await given.secret_bank(db, home.id)
        author = await given_accounts.staff(db, "item_author", home.id, "命题人")
        reviewer = await given_accounts.staff(db, "item_reviewer", home.id, "审题人")
    return Desk(bank, await client_as(author), await client_as(reviewer))


async def test_public_bank_is_loaded_once_with_every_item(world: World) -> None:
    async with world() as db:
        assert await load_public_bank(db) == 60
        assert await load_public_bank(db) == 0
        bank = (await db.scalars(select(ItemBank).where(col(ItemBank.code) == PUBLIC_BANK))).one()
        value = await bank_value(db, bank)
        assert value.digest() == shipped().banks[PUBLIC_BANK].digest(), "what is drawn from is what is shipped"


async def test_changed_shipped_version_is_refused(world: World) -> None:
    async with world() as db:
        row = ItemBank(code=PUBLIC_BANK, title={"zh": "公开"}, public=True)
        db.add(row)
        await db.flush()
        await given.item(db, row, id="TMS-0001")
        with pytest.raises(ContentConflict):
            await load_public_bank(db)


async def test_item_is_written_reviewed_by_another_and_frozen(world: World, desk: Desk) -> None:
    written = await desk.write()
    assert written.status_code == 201, written.text
    item = written.json()
    assert (item["state"], item["code"], item["content"]["key"]) == ("draft", "S-1", "B")
    early = await desk.reviewer.post(
        f"/api/items/{item['id']}/review", json={"digest": item["digest"], "approve": True}
    )
    assert early.json()["type"] == "/problems/item-not-in-review"
    assert (await desk.author.post(f"/api/items/{item['id']}/hand-in")).json()["state"] == "in_review"
    unseen = await desk.reviewer.post(f"/api/items/{item['id']}/review", json={"digest": "0" * 64, "approve": True})
    assert unseen.json()["type"] == "/problems/item-changed"
    approved = await desk.reviewer.post(
        f"/api/items/{item['id']}/review", json={"digest": item["digest"], "approve": True}
    )
    assert approved.json()["state"] == "approved"
    body = {"bank_id": str(desk.bank.id), "text": yaml.safe_dump({**SINGLE, "key": "A"})}
    frozen = await desk.author.put(f"/api/items/{item['id']}", json=body)
    assert frozen.json()["type"] == "/problems/item-frozen"
    again = await desk.author.post(f"/api/items/{item['id']}/hand-in")
    assert again.status_code == 409
    for statement in (
        "UPDATE item SET content = '{}' WHERE state = 'approved'",
        "UPDATE item SET state = 'draft' WHERE state = 'approved'",
        "UPDATE item SET state = 'retired', digest = 'x' WHERE state = 'approved'",
        "DELETE FROM item WHERE state = 'approved'",
    ):
        async with world() as db:
            nested = await db.begin_nested()
            with pytest.raises(sa.exc.DBAPIError, match="approved item version"):
                await db.execute(sa.text(statement))
            await nested.rollback()


async def test_author_does_not_review_the_own_item(world: World, desk: Desk, client_as: ClientAs) -> None:
    item = (await desk.write()).json()
    await desk.author.post(f"/api/items/{item['id']}/hand-in")
    review = {"digest": item["digest"], "approve": True}
    assert (await desk.author.post(f"/api/items/{item['id']}/review", json=review)).status_code == 403
    async with world() as db:
        row = (await db.scalars(select(Item))).one()
        both = await given_accounts.staff(db, "item_reviewer", desk.bank.org_id, "双岗")  # type: ignore[arg-type]
        row.author_account_id = both.account_id
        db.add(row)
    refused = await (await client_as(both)).post(f"/api/items/{item['id']}/review", json=review)
    assert refused.json()["type"] == "/problems/own-item"


async def test_sent_back_item_is_changed_and_handed_in_again(desk: Desk) -> None:
    item = (await desk.write()).json()
    await desk.author.post(f"/api/items/{item['id']}/hand-in")
    back = {"digest": item["digest"], "approve": False, "note": "干扰项太弱"}
    sent = await desk.reviewer.post(f"/api/items/{item['id']}/review", json=back)
    assert (sent.json()["state"], sent.json()["review_note"]) == ("draft", "干扰项太弱")
    text = yaml.safe_dump({**SINGLE, "difficulty": 2}, allow_unicode=True)
    body = {"bank_id": str(desk.bank.id), "text": text}
    changed = await desk.author.put(f"/api/items/{item['id']}", json=body)
    assert changed.status_code == 200, changed.text
    assert (changed.json()["difficulty"], changed.json()["reviewer_account_id"]) == (2, None)


async def test_next_version_retires_the_one_before(world: World, desk: Desk) -> None:
    first = await desk.approved()
    taken = await desk.write()
    assert taken.json()["type"] == "/problems/item-taken"
    second = await desk.approved({**SINGLE, "version": 2, "key": "C"})
    async with world() as db:
        states = {str(row.id): row.state for row in await db.scalars(select(Item))}
        assert states == {first["id"]: ItemState.RETIRED, second["id"]: ItemState.APPROVED}
        bank = (await db.scalars(select(ItemBank).where(col(ItemBank.id) == desk.bank.id))).one()
        assert [one.version for one in (await bank_value(db, bank)).items] == [2]


async def test_secret_items_are_seen_inside_alone_and_each_look_is_journaled(
    world: World, desk: Desk, client_as: ClientAs
) -> None:
    item = await desk.approved()
    async with world() as db:
        elsewhere = await given_accounts.organisation(db, "别的单位")
        stranger = await client_as(await given_accounts.staff(db, "item_reviewer", elsewhere.id))
        before = await looks(db, item["id"])
    assert (await stranger.get("/api/items")).json()["rows"] == []
    assert (await stranger.get(f"/api/items/{item['id']}")).status_code == 404
    assert (await stranger.get(f"/items/{item['id']}")).status_code == 404
    assert (await desk.reviewer.get(f"/api/items/{item['id']}")).json()["content"]["key"] == "B"
    page = await desk.reviewer.get(f"/items/{item['id']}")
    assert "真实瓶颈" in page.text
    listing = await desk.reviewer.get("/items")
    assert "真实瓶颈" not in listing.text
    async with world() as db:
        assert await looks(db, item["id"]) - before == 2


async def looks(db: Any, item_id: str) -> int:
    """How many looks at an item the journal has."""
    chosen = sa.select(sa.func.count()).select_from(JournalEntry)
    return int(
        await db.scalar(
            chosen.where(
                sa.cast(col(JournalEntry.subject_id), sa.Text) == item_id, col(JournalEntry.action) == "item.seen"
            )
        )
        or 0
    )


async def test_public_bank_is_read_by_all_and_written_by_nobody(world: World, desk: Desk) -> None:
    async with world() as db:
        bank = await given.public_bank(db)
    rows = (await desk.author.get("/api/items", params={"bank_id": str(bank.id), "limit": 100})).json()["rows"]
    assert len(rows) == 60
    cases = (await desk.author.get("/api/items", params={"kind": "case", "in_state": "approved"})).json()["rows"]
    assert {row["kind"] for row in cases} == {"case"}
    for row in rows[:1] + cases[:1]:
        assert (await desk.author.get(f"/items/{row['id']}")).status_code == 200
    text = yaml.safe_dump(SINGLE, allow_unicode=True)
    answer = await desk.author.post("/api/items", json={"bank_id": str(bank.id), "text": text})
    assert answer.json()["type"] == "/problems/bank-read-only"


@pytest.mark.parametrize(
    ("text", "slug", "said"),
    [
        ("id: [unclosed\n  more: text", "item-unreadable", "item"),
        ("just text and nothing else", "item-unfit", ""),
        (json.dumps({**SINGLE, "key": "Z"}), "item-unfit", "Z"),
        (json.dumps({name: value for name, value in SINGLE.items() if name != "rationale"}), "item-unfit", "rationale"),
        (json.dumps({**SINGLE, "citations": [{"act": "no-such-act", "article": "1"}]}), "item-unfit", "no-such-act"),
        (json.dumps({**SINGLE, "policy": "each_option"}), "item-unfit", "policy"),
    ],
)
async def test_text_that_is_no_item_is_refused_with_its_places(desk: Desk, text: str, slug: str, said: str) -> None:
    answer = await desk.author.post("/api/items", json={"bank_id": str(desk.bank.id), "text": text})
    assert answer.status_code == 422
    assert answer.json()["type"] == f"/problems/{slug}"
    assert said in answer.text
    assert answer.json()["errors"][0]["pointer"] == "/text"


async def test_forms_write_every_simple_kind(desk: Desk) -> None:
    common = {
        "bank_id": str(desk.bank.id),
        "way": "form",
        "version": "1",
        "stem": "题干",
        "points": "2",
        "rationale": "因为如此。",
        "citations": "technology-manager-standard-2026 TM-U1",
        "unit": "TM-U1",
        "module": "practical_skills",
        "level": ["initial", "senior"],
        "cognitive": "apply",
        "difficulty": "3",
    }
    own: dict[str, dict[str, Any]] = {
        "single": {"options": "甲\n乙\n丙", "key": "b"},
        "multiple": {"options": "甲\n乙\n丙", "key": "A C", "policy": "each_option"},
        "true_false": {"key": "false"},
        "numeric": {"key": "12.50", "tolerance": "0.05", "unit_of_measure": "万元"},
        "essay": {"rubric": "访谈对象｜1\n需求书 | 1"},
    }
    for kind, fields in own.items():
        form = await desk.author.get(f"/items/new?kind={kind}")
        assert form.status_code == 200
        answer = await desk.author.post("/items", data={**common, **fields, "kind": kind, "code": f"F-{kind}"})
        assert answer.status_code == 303, (kind, answer.text[:3000])
        shown = await desk.author.get(answer.headers["location"])
        assert f"F-{kind}" in shown.text
        assert (await desk.author.get(f"{answer.headers['location']}/edit")).status_code == 200
    rows = {row["code"]: row["id"] for row in (await desk.author.get("/api/items")).json()["rows"]}
    numeric = (await desk.author.get(f"/api/items/{rows['F-numeric']}")).json()["content"]
    assert numeric["key"] == {"value": "12.50", "tolerance": "1/20", "unit": "万元"}
    assert numeric["level"] == ["initial", "senior"]


async def test_faults_of_a_form_are_listed_and_what_was_typed_stays(desk: Desk) -> None:
    fields = {"bank_id": str(desk.bank.id), "way": "form", "kind": "single", "stem": "只写了题干", "key": "A"}
    answer = await desk.author.post("/items", data=fields)
    assert answer.status_code == 422
    assert "只写了题干" in answer.text
    assert "/rationale" in answer.text
    text = await desk.author.post("/items", data={"bank_id": str(desk.bank.id), "way": "text", "text": "id: 甲"})
    assert text.status_code == 422


async def test_pages_hand_in_review_and_begin_the_next_version(desk: Desk) -> None:
    item = (await desk.write()).json()
    address = f"/items/{item['id']}"
    assert (await desk.author.post(f"{address}/hand-in")).status_code == 303
    page = await desk.reviewer.get(address)
    assert "通过并定稿" in page.text
    assert "通过并定稿" not in (await desk.author.get(address)).text
    done = await desk.reviewer.post(f"{address}/review", data={"digest": item["digest"], "approve": "true"})
    assert done.status_code == 303
    again = await desk.reviewer.post(f"{address}/review", data={"digest": item["digest"], "approve": "true"})
    assert again.status_code == 422
    following = await desk.author.get(f"/items/new?after={item['id']}")
    assert 'name="version" value="2"' in following.text
    bank = await desk.author.post("/items/banks", data={"title.zh": "中级题库", "code": "mid-level"})
    assert bank.status_code == 303
    taken = await desk.author.post("/api/item-banks", json={"code": "mid-level", "title": {"zh": "又一个"}})
    assert taken.json()["type"] == "/problems/bank-code-taken"


async def test_another_organisation_may_use_the_same_code(desk: Desk, world: World, client_as: ClientAs) -> None:
    async with world() as db:
        other = await given_accounts.staff(db, "item_author", (await given_accounts.organisation(db)).id)
    answer = await (await client_as(other)).post(
        "/api/item-banks", json={"code": desk.bank.code, "title": {"zh": "题库"}}
    )
    assert answer.status_code == 201, answer.text


@for_all(st.sampled_from([one for one in shipped().banks[PUBLIC_BANK].items if one.kind in FORM_KINDS]))
@with_settings(max_examples=30, deadline=None)
def test_form_fields_of_an_item_give_the_item_back(item: ItemValue) -> None:
    content = item.to_json()
    given_back = content_of(fields_of(content), item.version)
    content.pop("second_reader", None)
    if item.kind == "essay":
        for number, line in enumerate(content["rubric"], start=1):
            line.update(id=f"r{number}", levels=[])
    content.pop("shuffle", None)
    back = ItemValue.from_json(given_back).to_json()
    back.pop("shuffle", None)
    assert back == content


def test_every_shipped_item_reads_as_text() -> None:
    for item in shipped().banks[PUBLIC_BANK].items:
        assert read_item(json.dumps(item.to_json(), ensure_ascii=False)) == item
    with pytest.raises(ItemUnfit):
        read_item("kind: single")
