"""Statistics against a small world counted by hand: person-times are not persons, small counts hidden, each sees their own."""

import csv
import io
from dataclasses import dataclass
from datetime import date

import pytest
import sqlalchemy as sa
from hypothesis import given as for_all
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy.ext.asyncio import AsyncSession

from service.bases.tables import Base
from service.courses.tables import CourseSession, SessionState
from service.enrolments.tables import EnrolmentState
from service.foundation.actor import Actor, Reach, Scope
from service.organisations.tables import Organisation, OrganisationKind
from service.people.tables import Person
from service.statistics.rules import MEASURES, NAMES, OF_PEOPLE, hide_small, pass_rate
from tests.conftest import As, ClientAs, World
from tests.given import accounts as given
from tests.given.bases import base as given_base
from tests.given.courses import course_session
from tests.given.credentials import issued, issuing_world
from tests.given.enrolments import enrolment
from tests.given.people import person


@dataclass
class Country:
    """Two bases in two provinces, their readers, and who attended what."""

    north: Base
    south: Base
    ministry: Actor
    province: Actor
    director: Actor


async def country(db: AsyncSession) -> Country:
    """North: a 2030 session of nine people (five completed) and a 2031 one of six of them; South: one 2030 session of seven.

    One person of the South is also one of the North's. Planned, cancelled, waiting and withdrawn are around and not counted.
    """
    north = await given_base(db, "北方基地", province="11")
    south = await given_base(db, "南方基地", province="44")
    first = await course_session(db, north, state=SessionState.CLOSED, starts_on=date(2030, 3, 4))
    second = await course_session(
        db, north, level="intermediate", state=SessionState.PUBLISHED, starts_on=date(2031, 1, 6)
    )
    away = await course_session(db, south, state=SessionState.PUBLISHED, starts_on=date(2030, 12, 30))
    await course_session(db, north, state=SessionState.PLANNED, starts_on=date(2030, 5, 6))
    gone = await course_session(db, north, state=SessionState.CANCELLED, starts_on=date(2030, 6, 3))
    people = [await person(db, f"人{number}") for number in range(16)]
    for place, one in enumerate(people[:9]):
        await enrolment(db, first, one, state=EnrolmentState.COMPLETED if place < 5 else EnrolmentState.NOT_COMPLETED)
    for one in people[:6]:
        await enrolment(db, second, one)
    for one in people[8:15]:
        await enrolment(db, away, one)
    await enrolment(db, first, people[15], state=EnrolmentState.WITHDRAWN)
    await enrolment(db, away, people[15], state=EnrolmentState.WAITING)
    await enrolment(db, gone, people[15])
    ministry = await given.organisation(db, "某部", OrganisationKind.GOVERNMENT)
    body = Organisation(kind=OrganisationKind.GOVERNMENT, name={"zh": "某市科委"}, name_keys=["某"], province="11")
    db.add(body)
    await db.flush()
    return Country(
        north,
        south,
        await given.staff(db, "ministry_reader", ministry.id),
        await given.staff(db, "provincial_reader", body.id),
        await given.staff(db, "base_director", north.org_id),
    )


def counts(read: dict, table: str, key: str) -> dict:  # type: ignore[type-arg]
    """One line of one table."""
    return next(one for one in read[table] if one["key"] == key)["counts"]  # type: ignore[no-any-return]


async def test_person_times_are_not_persons(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        made = await country(db)
    read = (await (await client_as(made.ministry)).get("/api/statistics")).json()
    north = counts(read, "by_base", made.north.code)
    assert (north["sessions"], north["enrolments"], north["persons"], north["completed"]) == (2, 15, 9, 5)
    south = counts(read, "by_base", made.south.code)
    assert (south["sessions"], south["enrolments"], south["persons"], south["completed"]) == (1, 7, 7, 0)
    total = read["total"]["counts"]
    assert (total["sessions"], total["enrolments"], total["persons"]) == (3, 22, 15)  # one person of both bases
    assert counts(read, "by_year", "2030")["enrolments"] == 16
    assert counts(read, "by_year", "2031")["persons"] == 6
    assert counts(read, "by_level", "intermediate")["enrolments"] == 6
    assert {one["name"] for one in read["definitions"]} == set(NAMES)


async def test_merged_people_are_one_person(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        made = await country(db)
        await db.execute(
            sa.update(Person)
            .where(Person.name == "人0")  # type: ignore[arg-type]
            .values(merged_into=sa.select(Person.id).where(Person.name == "人1").scalar_subquery())  # type: ignore[arg-type, call-overload]
        )
    read = (await (await client_as(made.director)).get("/api/statistics?year=2030")).json()
    assert read["total"]["counts"]["enrolments"] == 9
    assert read["total"]["counts"]["persons"] == 8


async def test_the_year_and_the_level_of_the_address_are_kept(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        made = await country(db)
    browser = await client_as(made.director)
    read = (await browser.get("/api/statistics?year=2031")).json()
    assert read["total"]["counts"]["enrolments"] == 6
    assert [one["key"] for one in read["by_year"]] == ["2031", "2030"]
    assert (await browser.get("/api/statistics?year=2031&level=initial")).json()["total"]["counts"]["enrolments"] == 0
    page = (await browser.get("/statistics?year=2031")).text
    assert '<option value="2031" selected' in page
    assert "/statistics/file/xlsx?year=2031" in page
    assert (await browser.get("/statistics?year=abc")).status_code == 200
    assert (await browser.get("/api/statistics?year=abc")).status_code in (400, 422)


async def test_small_counts_are_hidden_outside_the_base_and_cannot_be_worked_out(
    world: World, client_as: ClientAs
) -> None:
    async with world() as db:
        made = await country(db)
        few = await given_base(db, "小基地", province="11")
        session = await course_session(db, few, state=SessionState.PUBLISHED, starts_on=date(2030, 4, 1))
        for number in range(3):
            await enrolment(db, session, await person(db, f"少{number}"))
        director = await given.staff(db, "base_director", few.org_id)
    read = (await (await client_as(made.ministry)).get("/api/statistics")).json()
    small = counts(read, "by_base", few.code)
    assert (small["sessions"], small["enrolments"], small["persons"]) == (1, None, None)
    others = [one["counts"]["persons"] for one in read["by_base"] if one["key"] != few.code]
    assert None in others  # a second one is hidden, or the total would tell
    own = (await (await client_as(director)).get("/api/statistics")).json()
    assert counts(own, "by_base", few.code)["persons"] == 3
    page = (await (await client_as(made.ministry)).get("/statistics")).text
    assert "&lt;5" in page


async def test_a_province_reads_its_bases_and_a_base_its_own(world: World, acting: As, client_as: ClientAs) -> None:
    async with world() as db:
        made = await country(db)
        firm = await given.staff(db, "employer_hr", (await given.organisation(db, "某公司", OrganisationKind.FIRM)).id)
    province = (await (await client_as(made.province)).get("/api/statistics")).json()
    assert province["scope"] == "province"
    assert [one["key"] for one in province["by_base"]] == [made.north.code]
    assert province["total"]["counts"]["enrolments"] == 15
    own = (await (await client_as(made.director)).get("/api/statistics")).json()
    assert [one["key"] for one in own["by_base"]] == [made.north.code]
    assert own["total"]["counts"]["persons"] == 9
    refused = await (await client_as(firm)).get("/api/statistics")
    assert refused.status_code == 403
    async with acting(firm) as db:  # the function itself gives a stranger nothing either
        assert (await db.execute(sa.text("SELECT * FROM statistics_of('base', NULL, NULL)"))).all() == []


async def test_certificates_results_and_specimens_are_counted_apart(
    world: World, acting: As, client_as: ClientAs
) -> None:
    async with world() as db:
        good = await issuing_world(db, people=2)
        bad = await issuing_world(db, people=1, verified=False)
        numbers = [one.number for one in (*await issued(db, good), *await issued(db, bad))]
        awarded = (await db.scalar(sa.text("SELECT awarded_on FROM credential LIMIT 1"))).year
        await db.execute(
            sa.text(
                "UPDATE credential SET state = 'revoked', state_since = now(), state_reason = 'error' WHERE number = :n"
            ),
            {"n": numbers[0]},
        )
    assert len(numbers) == 3
    assert awarded >= 2026
    async with acting(Scope(reach=Reach.NATION)) as db:
        found = await db.execute(sa.text("SELECT * FROM statistics_of('base', NULL, NULL)"))
        rows = {row["key"]: row for row in found.mappings()}
    first, second = rows[good.base.code], rows[bad.base.code]
    assert (first["certificates"], first["certificates_valid"], first["specimens"]) == (2, 1, 0)
    assert (second["certificates"], second["certificates_valid"], second["specimens"]) == (0, 0, 1)
    assert (first["results"], first["passed"]) == (2, 2)
    browser = await client_as(good.director)
    read = (await browser.get("/api/statistics")).json()
    assert read["total"]["pass_rate"] == "100.0%"
    assert read["total"]["counts"]["certificates"] == 2


async def test_the_table_is_taken_away_with_its_definitions(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        made = await country(db)
    browser = await client_as(made.ministry)
    answer = await browser.get("/statistics/file/csv?year=2030")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][:4] == ["分项", "行", "培训班次", "培训人次"]
    assert rows[1][:4] == ["合计", "合计", "2", "16"]
    assert any(row[0] == "定义" and "不同自然人" in row[1] for row in rows)
    book = await browser.get("/statistics/file/xlsx", headers={"accept-language": "en"})
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert sheet[0][:4] == ["Breakdown", "Line", "Course sessions", "Enrolments (person-times)"]
    assert sheet[1][2:5] == [3.0, 22.0, 15.0]
    assert (await browser.get("/statistics/file/pdf")).status_code == 404


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_page_says_what_each_number_means(language: str, world: World, client_as: ClientAs) -> None:
    async with world() as db:
        made = await country(db)
    page = (await (await client_as(made.ministry)).get("/statistics", headers={"accept-language": language})).text
    said = "一人参加两个班次计两人次" if language == "zh-CN" else "Who attends two sessions counts twice"
    assert said in page
    assert page.index("北方基地" if language == "zh-CN" else made.north.code) > 0


ROW = st.fixed_dictionaries(dict.fromkeys(NAMES, st.integers(0, 40)))


@for_all(st.lists(ROW, max_size=8))
def test_no_small_count_is_shown_and_none_follows_from_the_total(rows: list[dict[str, int]]) -> None:
    shown = hide_small(rows)
    for name in OF_PEOPLE:
        column = [row[name] for row in shown]
        assert not any(count is not None and 0 < count < 5 for count in column)
        hidden = [place for place, count in enumerate(column) if count is None]
        if name != "passed" and any(0 < rows[place][name] < 5 for place in hidden):
            others = [rows[place][name] for place in range(len(rows)) if place not in hidden]
            assert len(hidden) > 1 or len(rows) == 1 or not any(others)
    for before, after in zip(rows, shown, strict=True):
        assert all(after[name] in (before[name], None) for name in NAMES)
        assert after["sessions"] == before["sessions"]


@for_all(st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_pass_rate_is_rounded_half_up_and_never_invented(results: int, passed: int) -> None:
    passed = min(results, passed)
    rate = pass_rate({"results": results, "passed": passed})
    if results == 0:
        assert rate is None
    else:
        assert rate is not None
        exact = 1000 * passed / results
        assert abs(float(rate.removesuffix("%")) * 10 - exact) <= 0.5 + 1e-6
    assert pass_rate({"results": None, "passed": passed}) is None


def test_every_measure_has_a_definition_of_its_own() -> None:
    assert len({one.definition for one in MEASURES}) == len(MEASURES)
    assert "course_session" in CourseSession.__tablename__
