"""Scores of exams held on paper: kept exactly, amended with a trail, released by two others, and then left alone."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from httpx import AsyncClient
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from certificates.facts import CertificateKind
from service.courses.tables import CourseSession
from service.credentials.actions.listing import judged_entries
from service.credentials.queries import part_in_session
from service.exchange.rules.columns import SCORE_COLUMNS
from service.foundation.actor import Actor
from service.foundation.sheets.reading import read_sheet
from service.samples.files import PEOPLE, sample
from tests.conftest import As, ClientAs, World
from tests.exchange.sending import base_with_session, confirmed, sent
from tests.given import accounts as given
from tests.given import exams as given_exams

Drain = Callable[[], Awaitable[int]]
EXAM_REASONS = {"result-missing", "below-pass-mark", "result-not-passed"}
HELD = {"opens_at": "2026-03-20T09:00:00+08:00", "closes_at": "2026-03-20T11:00:00+08:00"}


class PaperExam:
    """A paper exam of the sixteen people of the roster sample, with the base's people around it."""

    def __init__(self, session_id: UUID, exam_id: str, office: Actor, browser: AsyncClient) -> None:
        self.session_id, self.exam_id, self.office, self.browser = session_id, exam_id, office, browser

    async def upload(self, content: bytes, name: str = "成绩.csv") -> Any:
        """Upload a score list; the preview."""
        return await sent(self.browser, "scores", content, name, UUID(self.exam_id))

    async def kept(self, content: bytes, name: str = "成绩.csv") -> Any:
        """Upload and confirm a score list; the result."""
        return await confirmed(self.browser, await self.upload(content, name))

    async def trail(self) -> list[Any]:
        """Every recorded score."""
        rows: list[Any] = (await self.browser.get(f"/api/exams/{self.exam_id}/scores")).json()
        return rows


async def paper_exam(world: World, client_as: ClientAs, **more: Any) -> PaperExam:
    """Sixteen enrolled, the exam planned on paper over 100 marks, its candidates closed."""
    session, office = await base_with_session(world)
    browser = await client_as(office)
    await confirmed(browser, await sent(browser, "roster", sample("roster.xlsx"), target=session.id))
    plan = {"course_session_id": str(session.id), "mode": "paper", "full_marks": 100, **HELD, **more}
    planned = await browser.post("/api/exams", json=plan)
    assert planned.status_code == 201, planned.text
    frozen = await browser.post(f"/api/exams/{planned.json()['id']}/freeze")
    assert frozen.json()["sittings"] == 16, frozen.text
    assert frozen.json()["form_digest"] is None
    return PaperExam(session.id, planned.json()["id"], office, browser)


def csv_of(*rows: tuple[int, str], header: str = "姓名,身份证号,成绩", end: str = "") -> bytes:
    """A score list of people of the sample by their place, in UTF-8."""
    lines = [header, *(f"{PEOPLE[place][0]},{PEOPLE[place][1]},{score}{end}" for place, score in rows)]
    return "\r\n".join(lines).encode()


def whole_class(special: dict[int, str] | None = None) -> bytes:
    """A list of all sixteen: everybody has 60 and a half per place, but for the special ones."""
    kinds = {14: "护照", 15: "台湾居民来往大陆通行证"}
    numbers = {14: "E98765432", 15: "01234567"}
    lines = ["姓名,证件类型,证件号码,成绩"]
    for place, (name, number) in enumerate(PEOPLE):
        score = (special or {}).get(place, f"{60 + place / 2}")
        lines.append(f"{name},{kinds.get(place, '')},{numbers.get(place, number)},{score}")
    return "\r\n".join(lines).encode()


async def test_the_scores_sample_keeps_twelve_and_refuses_seven_with_reasons(world: World, client_as: ClientAs) -> None:
    exam = await paper_exam(world, client_as)
    preview = await exam.upload(sample("scores.xlsx"), "成绩.xlsx")
    assert preview["http"] == 201, preview
    assert preview["counts"] == {"new": 12, "changed": 0, "same": 0, "wrong": 7, "left_out": 1}
    wrong = {one["row"]: "".join(one["reasons"]) for one in preview["rows"] if one["outcome"] == "wrong"}
    assert "第 3 行和第 16 行是同一人而内容不同" in wrong[3]
    assert "第 3 行和第 16 行是同一人而内容不同" in wrong[16]
    assert wrong[14] == "第 14 行“成绩”：成绩应在 0 到 100 之间。"
    assert "存成了数字" in wrong[15]
    assert "没有此姓名和号码的学员" in wrong[18]
    assert "校验码" in wrong[19]
    assert "不是有效日期" in wrong[19]
    assert wrong[21] == "第 21 行“考试日期”：本场考试于 2026-03-20 至 2026-03-20 举行，2019-03-20 没有考试。"
    assert await exam.trail() == []  # a preview keeps nothing
    result = await confirmed(exam.browser, preview)
    assert {one["result"] for one in result["rows"] if one["outcome"] == "new"} == {"recorded"}
    trail = await exam.trail()
    assert sorted(one["score"] for one in trail if one["outcome"] == "scored") == sorted(
        ["67", "70.5", "74", "77.5", "81", "84.5", "88", "91.5", "95", "85"]
    )
    assert sorted(one["outcome"] for one in trail if one["score"] is None) == ["absent", "disqualified"]
    async with world() as db:
        rows = (
            await db.execute(sa.text("SELECT score_numerator, score_denominator, passed FROM result ORDER BY 1, 2"))
        ).all()
    assert (141, 2, True) in [tuple(row) for row in rows]  # 70.5 as two integers
    assert (0, 1, False) in [tuple(row) for row in rows]  # the cheat
    assert len(rows) == 11  # the absent one has no result


async def test_the_same_list_twice_changes_nothing(world: World, client_as: ClientAs) -> None:
    exam = await paper_exam(world, client_as)
    await exam.kept(whole_class({3: "缺考", 4: "作弊"}))
    before = await exam.trail()
    again = await exam.upload(whole_class({3: "缺考", 4: "作弊"}))
    assert again["counts"] == {"new": 0, "changed": 0, "same": 16, "wrong": 0, "left_out": 0}
    await confirmed(exam.browser, again)
    assert await exam.trail() == before
    assert len(before) == 16


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
async def test_text_files_of_either_encoding_are_kept_alike(world: World, client_as: ClientAs, encoding: str) -> None:
    exam = await paper_exam(world, client_as)
    result = await exam.kept(whole_class({5: "８６．５", 6: "77分"}).decode().encode(encoding))
    assert result["counts"]["new"] == 16
    assert {"86.5", "77"} <= {one["score"] for one in await exam.trail()}


async def test_a_changed_score_before_release_is_an_amendment_with_its_trail(world: World, client_as: ClientAs) -> None:
    exam = await paper_exam(world, client_as)
    await exam.kept(whole_class())
    amended = await exam.upload(csv_of((0, "59.5"), (1, "缺考"), (2, "61")))
    assert [one["outcome"] for one in amended["rows"]] == ["changed", "changed", "same"]
    result = await confirmed(exam.browser, amended)
    assert [one["result"] for one in result["rows"]] == ["amended", "amended", None]
    by_sitting: dict[str, list[Any]] = {}
    for one in await exam.trail():
        by_sitting.setdefault(one["sitting_id"], []).append(one)
    rounds = sorted(([row["score"] for row in rows] for rows in by_sitting.values() if len(rows) > 1), key=str)
    assert rounds == [["60", "59.5"], ["60.5", None]]
    assert all(row["import_id"] and row["row_number"] for rows in by_sitting.values() for row in rows)
    page = await exam.browser.get(f"/exams/{exam.exam_id}")
    assert "发布前的更正" in page.text
    async with world() as db:
        verbs = await db.scalar(sa.text("SELECT count(*) FROM journal_entry WHERE action = 'score.amended'"))
        passed = (
            await db.execute(sa.text("SELECT passed FROM result WHERE score_numerator = 119 AND score_denominator = 2"))
        ).scalar_one()
    assert verbs == 2
    assert passed is False


async def test_two_people_release_and_who_uploaded_is_not_the_second(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    exam = await paper_exam(world, client_as)
    await exam.kept(whole_class({3: "缺考", 4: "作弊", 5: "59.99"}))
    async with world() as db:
        director = await given.staff(db, "base_director", exam.office.org)
        both = await given.staff(db, "base_director", exam.office.org)
        # the second releaser to be has uploaded one score, long ago and amended since
        await db.execute(
            sa.text(
                "INSERT INTO recorded_score (id, org_id, sitting_id, round, outcome, score_numerator, score_denominator,"
                " held_on, account_id) SELECT gen_random_uuid(), org_id, sitting_id, 99, outcome, score_numerator,"
                " score_denominator, held_on, :a FROM recorded_score LIMIT 1"
            ),
            {"a": both.account_id},
        )
    proposed = await exam.browser.post(f"/api/exams/{exam.exam_id}/release")
    assert proposed.status_code == 201, proposed.text
    assert proposed.json()["results"] == 15
    uploader = await (await client_as(both)).post(f"/api/exams/{exam.exam_id}/release/decision", json={"approve": True})
    assert uploader.status_code == 403
    assert uploader.json()["type"].endswith("recorder-releases")
    decided = await (await client_as(director)).post(
        f"/api/exams/{exam.exam_id}/release/decision", json={"approve": True}
    )
    assert decided.status_code == 200, decided.text
    assert decided.json() == {"released": 15}
    await drain()
    async with world() as db:
        session = (await db.scalars(select(CourseSession).where(col(CourseSession.id) == exam.session_id))).one()
        entries = await judged_entries(db, session, CertificateKind.LEVEL)
        unexamined = [one for one in entries if any(reason["slug"] in EXAM_REASONS for reason in one["reasons"])]
        passed = (await db.execute(sa.text("SELECT passed, count(*) FROM result GROUP BY 1 ORDER BY 1"))).all()
    assert [tuple(row) for row in passed] == [(False, 2), (True, 13)]  # the cheat and 59.99
    assert (len(entries), len(unexamined)) == (16, 3)  # eligibility reads the paper's results: absent, cheat, 59.99


async def test_after_the_release_a_list_is_refused_and_points_to_appeals(world: World, client_as: ClientAs) -> None:
    exam = await paper_exam(world, client_as)
    waiting = await exam.upload(whole_class({7: "99"}))
    await exam.kept(whole_class())
    async with world() as db:
        director = await given.staff(db, "base_director", exam.office.org)
    await exam.browser.post(f"/api/exams/{exam.exam_id}/release")
    decision = f"/api/exams/{exam.exam_id}/release/decision"
    assert (await (await client_as(director)).post(decision, json={"approve": True})).status_code == 200
    before = await exam.trail()
    late = await exam.upload(whole_class({7: "99"}))
    assert late["http"] == 409
    assert late["detail"].endswith("请提出复核申请，由其他人员裁定。")
    confirmed_late = await exam.browser.post(f"/api/imports/{waiting['id']}/confirm")
    assert confirmed_late.status_code == 409
    page = await exam.browser.post(f"/exams/{exam.exam_id}/scores", files={"file": ("成绩.csv", whole_class())})
    assert page.status_code == 422
    assert "请提出复核申请" in page.text
    assert (await exam.browser.get(f"/exams/{exam.exam_id}/scores")).status_code == 409
    assert await exam.trail() == before


async def test_an_amendment_after_the_proposal_stops_the_release(world: World, client_as: ClientAs) -> None:
    exam = await paper_exam(world, client_as)
    await exam.kept(whole_class())
    async with world() as db:
        director = await given.staff(db, "base_director", exam.office.org)
    await exam.browser.post(f"/api/exams/{exam.exam_id}/release")
    await exam.kept(csv_of((0, "100")))
    decided = await (await client_as(director)).post(
        f"/api/exams/{exam.exam_id}/release/decision", json={"approve": True}
    )
    assert decided.status_code == 409
    assert decided.json()["type"].endswith("subject-changed")


async def test_results_wait_until_everybody_has_a_score_or_a_word(world: World, client_as: ClientAs) -> None:
    exam = await paper_exam(world, client_as)
    await exam.kept(csv_of((0, "70"), (1, "缺考")))
    refused = await exam.browser.post(f"/api/exams/{exam.exam_id}/release")
    assert refused.status_code == 409
    assert refused.json()["facts"] == {"waiting": 14}
    assert "未参加考试的，请在成绩单中填“缺考”" in refused.json()["detail"]


async def test_a_name_alone_takes_no_score(world: World, client_as: ClientAs) -> None:
    exam = await paper_exam(world, client_as)
    preview = await exam.upload(f"姓名,身份证号,成绩\r\n{PEOPLE[0][0]},,90\r\n".encode())
    assert preview["rows"][0]["reasons"] == ["第 2 行“身份证号”：成绩须有证件号码，或所下载名单中的学员编号。"]


async def test_scores_are_for_exams_on_paper_of_ones_own_base_with_closed_candidates(
    world: World, client_as: ClientAs
) -> None:
    exam = await paper_exam(world, client_as)
    async with world() as db:
        online = await given_exams.frozen_exam(db)
        stranger = await given.staff(db, "scheduler", online.home.id)
    assert (await sent(await client_as(stranger), "scores", whole_class(), "成绩.csv", UUID(exam.exam_id)))[
        "http"
    ] == 404
    refused = await sent(await client_as(online.scheduler), "scores", whole_class(), "成绩.csv", online.exam.id)
    assert refused["type"].endswith("not-held-on-paper")
    plan = {"course_session_id": str(exam.session_id), "mode": "paper", "full_marks": 100, **HELD}
    planned = (await exam.browser.post("/api/exams", json=plan)).json()
    early = await sent(exam.browser, "scores", whole_class(), "成绩.csv", UUID(planned["id"]))
    assert early["type"].endswith("sittings-not-written")


@pytest.mark.parametrize(
    ("changed", "slug"),
    [
        ({"full_marks": None}, "full-marks-needed"),
        ({"pass_points": "59.99"}, "pass-mark-too-low"),
        ({"pass_points": "100.01"}, "pass-mark-above-full"),
        ({"mode": "online", "full_marks": None}, "blueprint-needed"),
    ],
)
async def test_marks_of_a_paper_are_refused_where_they_cannot_be(
    world: World, client_as: ClientAs, changed: dict[str, Any], slug: str
) -> None:
    session, office = await base_with_session(world)
    plan = {"course_session_id": str(session.id), "mode": "paper", "full_marks": 100, **HELD, **changed}
    refused = await (await client_as(office)).post("/api/exams", json=plan)
    assert refused.status_code == 422, refused.text
    assert refused.json()["type"].endswith(slug), refused.text


async def test_the_pass_mark_is_the_editions_unless_a_higher_one_is_given(world: World, client_as: ClientAs) -> None:
    exam = await paper_exam(world, client_as, full_marks=150)
    read = (await exam.browser.get(f"/api/exams/{exam.exam_id}")).json()
    assert (read["pass_numerator"], read["pass_denominator"], read["full_marks"]) == (3, 5, 150)
    strict = await exam.browser.post(
        "/api/exams",
        json={
            "course_session_id": str(exam.session_id),
            "mode": "paper",
            "full_marks": 150,
            "pass_points": "97.5",
            **HELD,
        },
    )
    assert (strict.json()["pass_numerator"], strict.json()["pass_denominator"]) == (13, 20)


async def test_the_downloaded_score_list_is_filled_in_and_comes_back(world: World, client_as: ClientAs) -> None:
    exam = await paper_exam(world, client_as)
    for ending in ("xlsx", "csv"):
        answer = await exam.browser.get(f"/exams/{exam.exam_id}/scores/list/{ending}")
        assert answer.status_code == 200, answer.text
        text = answer.content.decode("utf-8-sig") if ending == "csv" else ""
        assert all(number not in text for _, number in PEOPLE)  # nobody's document number leaves
    header, *lines = text.splitlines()
    assert header == "学员编号,姓名,成绩,考试日期,备注"
    assert {line.split(",")[1] for line in lines} == {name for name, _ in PEOPLE}
    assert all(line.endswith(",,2026-03-20,") for line in lines)
    filled = "\r\n".join([header, *(line.replace(",,2026", ",81.5,2026") for line in lines[:15]), lines[15]])
    result = await exam.kept(filled.encode("utf-8-sig"))
    assert result["counts"] == {"new": 15, "changed": 0, "same": 0, "wrong": 0, "left_out": 1}
    book = await exam.browser.get(f"/exams/{exam.exam_id}/scores/list/xlsx")
    assert {row.cells["score"] for row in read_sheet(book.content, SCORE_COLUMNS).rows} == {81.5, ""}
    again = await exam.upload(book.content, "成绩单.xlsx")
    assert again["counts"] == {"new": 0, "changed": 0, "same": 15, "wrong": 0, "left_out": 1}
    stolen = lines[0].split(",")[0] + "," + lines[1].split(",")[1] + ",99,2026-03-20,"
    other = await exam.upload(f"{header}\r\n{stolen}".encode())
    assert "没有此编号与姓名对应的学员" in other["rows"][0]["reasons"][0]


async def test_a_candidate_sees_the_paper_exam_and_its_released_score(world: World, client_as: ClientAs) -> None:
    exam = await paper_exam(world, client_as)
    async with world() as db:
        sitting = (
            await db.execute(
                sa.text(
                    "SELECT t.id, t.person_id FROM sitting t JOIN person p ON p.id = t.person_id WHERE p.name = :n"
                ),
                {"n": PEOPLE[4][0]},
            )
        ).one()
        holder = await given.holder(db, sitting.person_id)
        director = await given.staff(db, "base_director", exam.office.org)
    phone = await client_as(holder)
    assert "纸质笔试" in (await phone.get("/my/sittings")).text
    assert "成绩发布后在此显示" in (await phone.get(f"/my/sittings/{sitting.id}")).text
    started = await phone.post(f"/api/sittings/{sitting.id}/start")
    assert started.json()["type"].endswith("held-on-paper")
    await exam.kept(whole_class({4: "作弊"}))
    assert (await phone.get(f"/api/sittings/{sitting.id}/result")).status_code == 404  # not before the release
    await exam.browser.post(f"/api/exams/{exam.exam_id}/release")
    await (await client_as(director)).post(f"/api/exams/{exam.exam_id}/release/decision", json={"approve": True})
    result = (await phone.get(f"/api/sittings/{sitting.id}/result")).json()
    assert (result["earned"], result["points"], result["required"], result["passed"]) == ("0", "100", "60", False)
    page = await phone.get(f"/my/sittings/{sitting.id}/result")
    assert "考场记录您作弊" in page.text


async def test_a_paper_exams_sitting_moves_only_as_lists_say_and_not_after_release(
    world: World, client_as: ClientAs
) -> None:
    exam = await paper_exam(world, client_as)
    await exam.kept(whole_class())
    async with world() as db:
        for state in ("open", "ready", "expired"):
            with pytest.raises(DBAPIError):
                async with db.begin_nested():
                    await db.execute(sa.text("UPDATE sitting SET state = :s"), {"s": state})
        await db.execute(sa.text("UPDATE exam_session SET state = 'released'"))
        with pytest.raises(DBAPIError):
            async with db.begin_nested():
                await db.execute(sa.text("UPDATE sitting SET state = 'absent'"))


async def test_home_pages_wait_for_scores_before_they_speak_of_release(world: World, client_as: ClientAs) -> None:
    exam = await paper_exam(world, client_as)
    assert "待上传成绩的纸质笔试" in (await exam.browser.get("/")).text
    assert "可发布成绩的考试" not in (await exam.browser.get("/")).text
    await exam.kept(whole_class())
    home = (await exam.browser.get("/")).text
    assert "可发布成绩的考试" in home
    assert "待上传成绩的纸质笔试" not in home


async def test_who_brought_scores_in_counts_as_who_marked_when_certificates_are_decided(
    world: World, acting: As, client_as: ClientAs
) -> None:
    exam = await paper_exam(world, client_as)
    async with acting(exam.office) as db:
        assert await part_in_session(db, exam.session_id, exam.office) == []
    await exam.kept(csv_of((0, "70")))
    async with acting(exam.office) as db:
        assert await part_in_session(db, exam.session_id, exam.office) == ["marked"]


async def test_a_paper_exam_is_never_said_to_have_a_frozen_paper(world: World, client_as: ClientAs) -> None:
    exam = await paper_exam(world, client_as)
    for path in ("/exams", f"/exams/{exam.exam_id}"):
        page = (await exam.browser.get(path)).text
        assert "考生名单已确定" in page
        assert "试卷已封存" not in page
