"""The pages of appeals: what each person finds, does and is told, in both languages."""

import re

import pytest

from service.foundation.language import chinese
from tests.conftest import ClientAs, World
from tests.exams.test_appeals import REASONS, STATEMENT, Heard, lodge, lodged, named, opinions, released
from tests.exams.test_results import full_marks
from tests.exams.test_whole_way import Drain
from tests.given.exams import ExamWorld


def fields(page: str) -> list[str]:
    """Names of the fields of a page's forms."""
    return re.findall(r'name="([^"]+)"', page)


async def test_candidate_appeals_at_the_result_and_follows_it_there(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    heard = await released(world, client_as, drain)
    browser = await client_as(heard.exam.candidates[0].actor)
    result = f"/my/sittings/{heard.sitting}/result"
    assert "对该成绩提出申诉" in (await browser.get(result)).text
    form = await browser.get(f"/my/sittings/{heard.sitting}/appeal")
    assert form.status_code == 200
    assert {"ground", "statement"} <= set(fields(form.text))
    short = await browser.post(f"/my/sittings/{heard.sitting}/appeal", data={"ground": "marking", "statement": "短"})
    assert (short.status_code, "短" in short.text) == (422, True)
    sent = await browser.post(
        f"/my/sittings/{heard.sitting}/appeal", data={"ground": "marking", "statement": STATEMENT}
    )
    assert (sent.status_code, sent.headers["location"]) == (303, f"{result}#appeal")
    page = (await browser.get(result)).text
    for words in ("待指定评议组", "答案评分有误", STATEMENT, "提出申诉", "撤回申诉"):
        assert words in page
    assert (await browser.get(f"/my/sittings/{heard.sitting}/appeal")).headers["location"] == f"{result}#appeal"
    again = await browser.post(
        f"/my/sittings/{heard.sitting}/appeal", data={"ground": "marking", "statement": STATEMENT}
    )
    assert again.status_code == 422
    assert "正在办理中" in again.text
    assert (await browser.post(f"/my/sittings/{heard.sitting}/appeal/withdraw")).status_code == 303
    page = (await browser.get(result)).text
    assert "您可以在" in page


async def decided(client_as: ClientAs, heard: Heard) -> None:
    """The whole hearing by pages: panel, opinions, decision, confirmation."""
    office = await client_as(heard.exam.scheduler)
    page = await office.get(f"/appeals/{heard.appeal_id}")
    assert (page.status_code, STATEMENT in page.text) == (200, False)
    assert heard.exam.candidates[0].person.name not in page.text
    even = await office.post(
        f"/appeals/{heard.appeal_id}/panel", data={"account_ids": [str(one.account_id) for one in heard.bench[:1]]}
    )
    assert (even.status_code, "评议组至少 3 人" in even.text) == (422, True)
    done = await office.post(
        f"/appeals/{heard.appeal_id}/panel", data={"account_ids": [str(one.account_id) for one in heard.bench]}
    )
    assert done.status_code == 303
    first, second, third = [await client_as(one) for one in heard.bench]
    for browser, outcome in ((first, "upheld"), (second, "partly_upheld"), (third, "upheld")):
        assert heard.appeal_id in (await browser.get("/appeals")).text
        page = await browser.get(f"/appeals/{heard.appeal_id}")
        assert (page.status_code, STATEMENT in page.text) == (200, True)
        assert heard.exam.candidates[0].person.name not in page.text
        given = await browser.post(f"/appeals/{heard.appeal_id}/opinion", data={"outcome": outcome, "reasons": REASONS})
        assert given.status_code == 303
    page = await first.get(f"/appeals/{heard.appeal_id}")
    assert "各成员意见的结果为" in page.text
    marks = {f"marks.{heard.place}.{line}": points for line, points in full_marks(heard.exam.paper).items()}
    assert set(marks) <= set(fields(page.text))
    wrong = await first.post(
        f"/appeals/{heard.appeal_id}/decision", data={"reasons": REASONS, **dict.fromkeys(marks, "999")}
    )
    assert (wrong.status_code, "999" in wrong.text) == (422, True)
    drawn = await first.post(f"/appeals/{heard.appeal_id}/decision", data={"reasons": REASONS, **marks})
    assert drawn.status_code == 303
    assert "须由评议组另一名成员确认" in (await first.get(f"/appeals/{heard.appeal_id}")).text
    own = await first.post(f"/appeals/{heard.appeal_id}/confirmation", data={"confirm": "true"})
    assert own.status_code == 422
    back = await second.post(
        f"/appeals/{heard.appeal_id}/confirmation", data={"confirm": "false", "reason": "理由应更具体"}
    )
    assert back.status_code == 303
    await third.post(f"/appeals/{heard.appeal_id}/decision", data={"reasons": REASONS, **marks})
    confirmed = await second.post(f"/appeals/{heard.appeal_id}/confirmation", data={"confirm": "true"})
    assert confirmed.status_code == 303


async def test_panel_hears_and_decides_by_pages_and_the_candidate_reads_why(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    heard = await lodged(world, client_as, drain)
    await decided(client_as, heard)
    await drain()
    person = await client_as(heard.exam.candidates[0].actor)
    page = (await person.get(f"/my/sittings/{heard.sitting}/result")).text
    for words in ("予以支持", "100", REASONS, "原成绩仍存档备查", "决定未获确认"):
        assert words in page
    for one in (heard.exam.scheduler, heard.exam.director, heard.bench[0]):
        browser = await client_as(one)
        assert "予以支持" in (await browser.get("/appeals")).text
        assert (await browser.get(f"/appeals/{heard.appeal_id}")).status_code == 200


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_appeal_pages_show_no_codes_and_no_other_language(
    world: World, client_as: ClientAs, drain: Drain, language: str
) -> None:
    heard = await lodged(world, client_as, drain)
    await named(client_as, heard)
    await opinions(client_as, heard, "upheld", "upheld", "dismissed")
    exam: ExamWorld = heard.exam
    pages = [
        (exam.candidates[0].actor, f"/my/sittings/{heard.sitting}/result"),
        (exam.scheduler, "/appeals"),
        (exam.scheduler, f"/appeals/{heard.appeal_id}"),
        (heard.bench[0], "/appeals"),
        (heard.bench[0], f"/appeals/{heard.appeal_id}"),
    ]
    for actor, address in pages:
        browser = await client_as(actor)
        browser.headers["accept-language"] = language
        answer = await browser.get(address)
        assert answer.status_code == 200, address
        text = re.sub(r"<[^>]+>", " ", answer.text)
        for code in ("score_check", "partly_upheld", "appeal_panellist", "drawn_up", "None", "%("):
            assert code not in text, (address, code)
        if language == "zh-CN":
            for sentence in ("Appeal", "Opinions", "Lodged", "panel", "marked"):
                assert sentence not in text, (address, sentence)
        else:
            for sentence in ("Appeals", "An answer was marked wrongly"):
                assert chinese()[sentence] not in text, (address, sentence)


async def test_person_cannot_lodge_for_another_by_the_page(world: World, client_as: ClientAs, drain: Drain) -> None:
    heard = await released(world, client_as, drain, people=2)
    other = await client_as(heard.exam.candidates[1].actor)
    assert (await other.get(f"/my/sittings/{heard.sitting}/appeal")).status_code == 404
    answer = await other.post(
        f"/my/sittings/{heard.sitting}/appeal", data={"ground": "marking", "statement": STATEMENT}
    )
    assert answer.status_code == 404
    first = await client_as(heard.exam.candidates[0].actor)
    assert (await lodge(first, heard.sitting))["status"] == 201
