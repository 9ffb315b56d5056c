"""Editions: loaded once, checked with line and field, frozen by two people, never changed afterwards."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from curricula.content import CONTENT, shipped
from curricula.laws import Register
from service.approvals.errors import NothingProposed, SamePerson
from service.editions.actions import decide, end, give_up, load_shipped, propose, upload
from service.editions.errors import (
    EditionHasFaults,
    EditionNameTaken,
    EditionNotDraft,
    EditionOfAnotherKind,
    EndTooEarly,
)
from service.editions.events import EditionFrozen
from service.editions.queries import (
    blueprint_for,
    blueprint_of,
    edition_for,
    find,
    in_force,
    register_in_force,
    syllabus_of,
    visible,
)
from service.editions.tables import Edition, EditionKind, EditionState, EditionUpload
from service.foundation import announcing, clock
from service.foundation.errors import NotFound
from service.foundation.journal import JournalEntry
from tests.conftest import As, World
from tests.given.accounts import organisation, staff
from tests.given.editions import shipped_blueprint, shipped_syllabus

SYLLABUS = (CONTENT / "courses" / "technology-manager-2026-initial.yaml").read_text()
OVERLAY = (CONTENT / "courses" / "overlays" / "zhejiang-2026-initial.yaml").read_text()
BLUEPRINT = (CONTENT / "courses" / "blueprints" / "technology-manager-2026-initial-written.yaml").read_text()
NEW_SYLLABUS = SYLLABUS.replace('version: "2026.1"', 'version: "2027.1"', 1)


async def test_shipped_editions_are_loaded_once_and_frozen(world: World) -> None:
    async with world() as db:
        loaded = await load_shipped(db)
        assert loaded == len(shipped().standards) + len(shipped().syllabi) + len(shipped().blueprints) + 1
        assert await load_shipped(db) == 0
        rows = list(await db.scalars(select(Edition)))
        assert {row.state for row in rows} == {EditionState.FROZEN}
        assert all(row.effective_from is not None and row.frozen_at is not None for row in rows)


async def test_shipped_text_that_changed_without_a_new_version_changes_nothing(world: World) -> None:
    async with world() as db:
        first = await shipped_syllabus(db)
        library = shipped()
        name = ("technology-manager", "2026.1", "initial")
        changed = replace(library.syllabi[name], minimum_periods=45)
        other = replace(library, syllabi={**library.syllabi, name: changed})
        assert await load_shipped(db, library=other) == 0
        assert (await syllabus_of(db, first.id)).minimum_periods == 44


async def test_changed_register_follows_the_one_before_it(world: World) -> None:
    today = clock.today()
    async with world() as db:
        await load_shipped(db)
        library = shipped()
        fewer = {name: act for name, act in library.register.acts.items() if name != "civil-code-2020"}
        later = replace(library, register=Register(fewer))
        assert await load_shipped(db, library=later) == 1
        rows = await in_force(db, EditionKind.LAWS, today)
        assert [row.effective_from for row in rows] == [today]
        assert await register_in_force(db, today) == later.register
        assert await register_in_force(db, today - timedelta(days=1)) == library.register


async def test_edition_gives_back_the_value_it_was_frozen_from(world: World) -> None:
    async with world() as db:
        row = await shipped_syllabus(db, "senior")
        value = await syllabus_of(db, row.id)
        assert value == shipped().syllabi[("technology-manager", "2026.1", "senior")]
        assert value.digest() == row.digest
        blueprint = await blueprint_for(db, value)
        assert blueprint is not None
        assert (await blueprint_of(db, blueprint.id)).name == value.blueprint
        assert await register_in_force(db, date(2026, 6, 1)) == shipped().register
        with pytest.raises(EditionOfAnotherKind):
            await syllabus_of(db, blueprint.id)


@pytest.mark.parametrize(
    "change",
    ["content = '{}'", "digest = repeat('0', 64)", "version = '9'", "state = 'draft'", "effective_from = '2020-01-01'"],
)
async def test_frozen_edition_cannot_change_in_sql_even_for_the_system(world: World, change: str) -> None:
    async with world() as db:
        row = await shipped_syllabus(db)
        with pytest.raises(DBAPIError, match="is frozen"):
            async with db.begin_nested():
                await db.execute(sa.text(f"UPDATE edition SET {change} WHERE id = :id"), {"id": row.id})
        with pytest.raises(DBAPIError, match="is frozen"):
            async with db.begin_nested():
                await db.execute(sa.text("DELETE FROM edition WHERE id = :id"), {"id": row.id})
        await db.execute(sa.text("UPDATE edition SET effective_to = '2027-01-01' WHERE id = :id"), {"id": row.id})


async def test_upload_with_faults_is_reported_by_line_and_field_and_stored(world: World, acting: As) -> None:
    async with world() as db:
        await load_shipped(db)
        org = await organisation(db)
        owner = await staff(db, "standard_owner", org.id)
    wrong = NEW_SYLLABUS.replace("periods: 4", "periods: four", 1)
    async with acting(owner) as db:
        report = await upload(db, owner, "syllabus.yaml", wrong.encode())
        assert report.edition_id is None
        assert await find(db, EditionKind.SYLLABUS, "technology-manager-initial", "2027.1") is None
    async with acting(owner) as db:
        kept = (await db.scalars(select(EditionUpload).where(col(EditionUpload.id) == report.id))).one()
    finding = next(one for one in kept.findings if one["severity"] == "error")
    assert finding["file"] == "syllabus.yaml"
    assert finding["line"] == wrong.splitlines().index("        periods: four") + 1
    assert finding["field"] == "/modules/0/courses/0/periods"
    assert finding["sentence"]["zh"] != finding["sentence"]["en"]


@pytest.mark.parametrize(
    "text",
    ["a: [", "\ta: 1", "", "plain words", "bank: x\nitems: []", "act: civil-code-2020", "\x00", "- 1\n- 2"],
)
async def test_text_that_is_no_edition_is_a_report_and_never_a_crash(world: World, acting: As, text: str) -> None:
    async with world() as db:
        org = await organisation(db)
        owner = await staff(db, "standard_owner", org.id)
    async with acting(owner) as db:
        report = await upload(db, owner, "x.yaml", text.encode())
        assert report.edition_id is None
        assert [one for one in report.findings if one["severity"] == "error"]


async def test_bytes_that_are_no_text_are_a_report(world: World, acting: As) -> None:
    async with world() as db:
        org = await organisation(db)
        owner = await staff(db, "standard_owner", org.id)
    async with acting(owner) as db:
        report = await upload(db, owner, "x.yaml", b"\xff\xfe\x00")
        assert report.edition_id is None
        assert report.findings[0]["rule"] == "file-not-text"


async def test_edition_is_frozen_by_a_second_person(world: World, acting: As, monkeypatch: pytest.MonkeyPatch) -> None:
    announced: list[announcing.Event] = []
    monkeypatch.setattr("service.editions.actions.announce", _remembering(announced))
    async with world() as db:
        await load_shipped(db)
        org = await organisation(db)
        maker = await staff(db, "standard_owner", org.id, "钱一")
        checker = await staff(db, "standard_owner", org.id, "孙二")
    async with acting(maker) as db:
        report = await upload(db, maker, "syllabus.yaml", NEW_SYLLABUS.encode())
        assert report.edition_id is not None
        with pytest.raises(NothingProposed):
            await decide(db, checker, report.edition_id, True)
        await propose(db, maker, report.edition_id)
        with pytest.raises(SamePerson):
            await decide(db, maker, report.edition_id, True)
    async with acting(checker) as db:
        row = await decide(db, checker, report.edition_id, True)
        assert row.state == EditionState.FROZEN
        assert row.effective_from == clock.today()
        assert [
            one.version for one in await in_force(db, EditionKind.SYLLABUS, clock.today()) if one.level == "initial"
        ] == [
            "2027.1",
            "2026.1",
        ]
        actions = set(await db.scalars(select(JournalEntry.action).where(col(JournalEntry.subject_id) == row.id)))
    assert {"approval.proposed", "approval.approved", "edition.frozen"} <= actions
    assert [type(one) for one in announced] == [EditionFrozen]
    async with acting(maker) as db:
        with pytest.raises(EditionNotDraft):
            await propose(db, maker, report.edition_id)
        with pytest.raises(EditionNotDraft):
            await give_up(db, maker, report.edition_id)
        with pytest.raises(EditionNameTaken):
            await upload(db, maker, "syllabus.yaml", NEW_SYLLABUS.encode())


def _remembering(announced: list[announcing.Event]):  # type: ignore[no-untyped-def]
    async def announce(db: object, event: announcing.Event) -> None:
        announced.append(event)

    return announce


async def test_changed_draft_loses_its_proposal(world: World, acting: As) -> None:
    async with world() as db:
        await load_shipped(db)
        org = await organisation(db)
        maker = await staff(db, "standard_owner", org.id, "钱一")
        checker = await staff(db, "standard_owner", org.id, "孙二")
    async with acting(maker) as db:
        first = await upload(db, maker, "a.yaml", NEW_SYLLABUS.encode())
        assert first.edition_id is not None
        await propose(db, maker, first.edition_id)
        changed = NEW_SYLLABUS.replace("minimum_periods: 44", "minimum_periods: 45")
        assert changed != NEW_SYLLABUS
        second = await upload(db, maker, "a.yaml", changed.encode())
        assert second.edition_id == first.edition_id
    async with acting(checker) as db:
        with pytest.raises(NothingProposed):
            await decide(db, checker, first.edition_id, True)


async def test_rejected_draft_may_be_given_up_and_its_name_is_free(world: World, acting: As) -> None:
    async with world() as db:
        await load_shipped(db)
        org = await organisation(db)
        maker = await staff(db, "standard_owner", org.id, "钱一")
        checker = await staff(db, "standard_owner", org.id, "孙二")
    async with acting(maker) as db:
        draft = await upload(db, maker, "a.yaml", NEW_SYLLABUS.encode())
        assert draft.edition_id is not None
        await propose(db, maker, draft.edition_id)
    async with acting(checker) as db:
        assert (await decide(db, checker, draft.edition_id, False, "学时不足")).state == EditionState.DRAFT
    async with acting(maker) as db:
        await give_up(db, maker, draft.edition_id)
        again = await upload(db, maker, "a.yaml", NEW_SYLLABUS.encode())
        assert again.edition_id not in (None, draft.edition_id)


async def test_overlay_becomes_the_regions_syllabus(world: World, acting: As) -> None:
    async with world() as db:
        await load_shipped(db)
        org = await organisation(db)
        owner = await staff(db, "standard_owner", org.id)
    async with acting(owner) as db:
        report = await upload(db, owner, "zhejiang.yaml", OVERLAY.encode())
        assert report.edition_id is not None
        value = await syllabus_of(db, report.edition_id)
        assert "ZJ-PL-01" in {course.id for _, course in value.courses()}
        assert {"TMI-PK-01", "TMI-PL-01"} <= {course.id for _, course in value.courses()}
        assert value.minimum_periods == 46


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("{policy_and_law: 12}", "{policy_and_law: 9}", "lowered"),
        ("total_minimum_periods: 46", "total_minimum_periods: 40", "lowered"),
        ("ZJ-PL-01", "TMI-PL-01", "doubled"),
        ('version: "2026.1", level: initial', 'version: "2019", level: initial', "not-found"),
    ],
)
async def test_overlay_may_add_and_never_lower_or_replace(
    world: World, acting: As, before: str, after: str, rule: str
) -> None:
    async with world() as db:
        await load_shipped(db)
        org = await organisation(db)
        owner = await staff(db, "standard_owner", org.id)
    text = OVERLAY.replace(before, after)
    assert text != OVERLAY
    async with acting(owner) as db:
        report = await upload(db, owner, "zhejiang.yaml", text.encode())
        assert report.edition_id is None
        assert rule in {one["rule"] for one in report.findings}


async def test_blueprint_needs_its_syllabus(world: World, acting: As) -> None:
    async with world() as db:
        await shipped_blueprint(db)
        org = await organisation(db)
        owner = await staff(db, "standard_owner", org.id)
    new = BLUEPRINT.replace("version: 1\n", "version: 2\n", 1)
    async with acting(owner) as db:
        assert (await upload(db, owner, "b.yaml", new.encode())).edition_id is not None
        stray = new.replace('version: "2026.1", level: initial', 'version: "1999", level: initial')
        report = await upload(db, owner, "b.yaml", stray.encode())
        assert [one["field"] for one in report.findings if one["severity"] == "error"] == ["/syllabus"]


async def test_approval_is_refused_when_what_the_draft_points_at_is_gone(world: World, acting: As) -> None:
    async with world() as db:
        await load_shipped(db)
        org = await organisation(db)
        maker = await staff(db, "standard_owner", org.id, "钱一")
        checker = await staff(db, "standard_owner", org.id, "孙二")
    new_blueprint = BLUEPRINT.replace("version: 1\n", "version: 2\n", 1)
    names_it = NEW_SYLLABUS.replace("-initial-written, version: 1}", "-initial-written, version: 2}")
    assert names_it != NEW_SYLLABUS
    async with acting(maker) as db:
        blueprint = await upload(db, maker, "b.yaml", new_blueprint.encode())
        syllabus = await upload(db, maker, "s.yaml", names_it.encode())
        assert syllabus.edition_id is not None
        assert blueprint.edition_id is not None
        await propose(db, maker, syllabus.edition_id)
        await give_up(db, maker, blueprint.edition_id)
    async with acting(checker) as db:
        with pytest.raises(EditionHasFaults) as refused:
            async with db.begin_nested():
                await decide(db, checker, syllabus.edition_id, True)
        findings = refused.value.facts["findings"]
        assert isinstance(findings, list)
        assert findings[0]["field"] == "/assessment/blueprint"
    async with acting(checker) as db:
        row = await edition_for(db, checker, syllabus.edition_id)
        assert row.state == EditionState.DRAFT


async def test_edition_ends_by_its_last_day_and_not_earlier_than_today(world: World, acting: As) -> None:
    async with world() as db:
        org = await organisation(db)
        owner = await staff(db, "standard_owner", org.id)
        stranger = await staff(db, "standard_owner", (await organisation(db, "另一单位")).id)
        row = await shipped_syllabus(db, owner_org_id=org.id)
    today = clock.today()
    async with acting(owner) as db:
        with pytest.raises(EndTooEarly):
            await end(db, owner, row.id, today - timedelta(days=1))
        await end(db, owner, row.id, today)
        assert row.id in {one.id for one in await in_force(db, EditionKind.SYLLABUS, today)}
        assert row.id not in {one.id for one in await in_force(db, EditionKind.SYLLABUS, today + timedelta(days=1))}
    async with acting(stranger) as db:
        with pytest.raises(NotFound):
            await end(db, stranger, row.id, today)


async def test_drafts_are_seen_by_their_owner_only(world: World, acting: As) -> None:
    async with world() as db:
        await load_shipped(db)
        owner = await staff(db, "standard_owner", (await organisation(db)).id)
        stranger = await staff(db, "standard_owner", (await organisation(db, "另一单位")).id)
    async with acting(owner) as db:
        draft = await upload(db, owner, "a.yaml", NEW_SYLLABUS.encode())
        assert draft.edition_id in {one.id for one in await visible(db, owner)}
    async with acting(stranger) as db:
        assert draft.edition_id not in {one.id for one in await visible(db, stranger)}
        assert draft.edition_id is not None
        with pytest.raises(NotFound):
            await edition_for(db, stranger, draft.edition_id)
        assert await db.get(Edition, draft.edition_id) is None, "the database itself shows no draft to others"
        with pytest.raises(EditionNameTaken):
            await upload(db, stranger, "a.yaml", NEW_SYLLABUS.encode())
