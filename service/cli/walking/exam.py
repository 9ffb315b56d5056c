"""The walk's second part: an exam drawn, sat with saved answers, marked, scored and released by two people."""

from datetime import UTC, datetime, timedelta
from typing import Any

from curricula.content import shipped
from curricula.items import NumericKey
from service.cli.walking.walker import Browser, Walk
from service.foundation.language import later

ESSAY = "先访谈操作、设备与质量人员，取得停机记录和节拍数据，再写成可检验的需求，与供方共同确认验收指标和分期付款条件。"


def known_answers() -> dict[str, Any]:
    """Right answers of the public bank by question stem: the bank is public by purpose, a real one never leaves the service."""
    answers: dict[str, Any] = {}
    for bank in shipped().banks.values():
        for item in bank.items:
            answers[item.stem.zh] = (
                {one.id: right(one) for one in item.questions} if item.kind == "case" else right(item.questions[0])
            )
    return answers


def full_marks() -> dict[str, dict[str, int]]:
    """The most points of every rubric line by the essay's stem."""
    return {
        item.stem.zh: {line.id: int(line.points) for line in item.questions[0].rubric}
        for bank in shipped().banks.values()
        for item in bank.items
        if item.kind == "essay"
    }


def right(question: Any) -> Any:
    """The answer that earns every point; a text where a person marks."""
    if isinstance(question.key, NumericKey):
        return question.key.written
    if isinstance(question.key, tuple):
        return list(question.key)
    return ESSAY if question.key is None else question.key


def plan_and_freeze(walk: Walk) -> None:
    """The blueprint draws a form; sittings are written; nothing is drawn any more."""
    scheduler = walk.role("scheduler")
    with walk.step(later("A blueprint draws the exam's form and a sitting is written for everybody enrolled")) as show:
        now = datetime.now(UTC)
        banks = scheduler.get("/api/item-banks")
        exam = scheduler.post(
            "/api/exams",
            {
                "course_session_id": walk.made["session"]["id"],
                "blueprint_id": walk.made["blueprint"]["id"],
                "bank_id": next(one["id"] for one in banks if one["public"]),
                "opens_at": (now - timedelta(minutes=1)).isoformat(),
                "closes_at": (now + timedelta(hours=3)).isoformat(),
            },
        )
        frozen = scheduler.post(f"/api/exams/{exam['id']}/freeze")
        walk.made["exam"] = exam
        show(questions=frozen["questions"], sittings=frozen["sittings"], form=frozen["form_digest"][:16])


def sit(walk: Walk) -> None:
    """Everybody sits: answers saved one by one, a stale one refused, handed in once, the receipt the same twice."""
    answers = known_answers()
    for trainee in walk.made["trainees"]:
        person = walk.person(trainee["phone"], trainee["name"])
        with walk.step(
            later("%(name)s sits the exam: every answer is saved, and handed in once"), name=trainee["name"]
        ) as show:
            sitting_id = next(
                one["sitting_id"]
                for one in person.get("/api/my/sittings")
                if one["exam_session_id"] == walk.made["exam"]["id"]
            )
            paper = person.post(f"/api/sittings/{sitting_id}/start")
            for slot in paper["paper"]:
                answer_slot(walk, person, sitting_id, slot, answers)
            person.refused(
                "PUT",
                f"/api/sittings/{sitting_id}/answers/1",
                409,
                "answer-stale",
                json={"revision": 1, "response": "Z"},
            )
            receipt = person.post(f"/api/sittings/{sitting_id}/submit")
            again = person.post(f"/api/sittings/{sitting_id}/submit")
            walk.check(receipt["receipt"] == again["receipt"], "a second hand-in gave another receipt")
            trainee["sitting_id"] = sitting_id
            show(answered=receipt["answered"], receipt=receipt["receipt"][:16])


def answer_slot(walk: Walk, person: Browser, sitting_id: str, slot: dict[str, Any], answers: dict[str, Any]) -> None:
    """Save the right answer to one slot, as its second revision after an unsure first one."""
    stem = slot["item"]["stem"]["zh"] if "item" in slot else slot["stem"]["zh"]
    walk.made.setdefault("stems", {})[str(slot["slot"])] = stem
    path = f"/api/sittings/{sitting_id}/answers/{slot['slot']}"
    person.put(path, {"revision": 1, "response": None, "flagged": True})
    saved = person.put(path, {"revision": 2, "response": answers[stem]})
    walk.check(saved["outcome"] == "saved", f"slot {slot['slot']}: {saved['outcome']}")


def mark_and_release(walk: Walk) -> None:
    """Essays are marked by a marker by rubric; two people release; each candidate then sees the result."""
    marker, exam = walk.role("marker"), walk.made["exam"]
    with walk.step(later("The marker marks every essay by its rubric, names hidden")) as show:
        marked = 0
        for queue in walk.until(later("Essays wait to be marked"), lambda: marker.get("/api/marking")):
            if queue["exam_session_id"] != exam["id"]:
                continue
            for script in marker.get(f"/api/exams/{exam['id']}/scripts/{queue['place']}"):
                points = full_marks()[walk.made["stems"][queue["place"]]]
                if script["sitting_id"] == walk.made["trainees"][-1]["sitting_id"]:
                    points[next(iter(points))] -= 1  # a point too few: the appeal that follows is about it
                marker.post(
                    f"/api/sittings/{script['sitting_id']}/marks/{queue['place']}",
                    {"points": points, "round": script["rounds"] + 1},
                )
                marked += 1
        walk.check(marked >= len(walk.made["trainees"]), f"{marked} essays marked")
        show(marked=marked)
    with walk.step(later("Results are proposed by one person and released by another")) as show:
        scheduler, director = walk.role("scheduler"), walk.role("director")

        def proposed() -> Any:
            answer = scheduler.client.post(f"/api/exams/{exam['id']}/release", json={})
            return answer.json() if answer.status_code in (200, 201) else None

        proposal = walk.until(later("All results are complete"), proposed)
        scheduler.call("POST", f"/api/exams/{exam['id']}/release/decision", 403, json={"approve": True})
        released = director.post(f"/api/exams/{exam['id']}/release/decision", {"approve": True})
        show(results=proposal["results"], released=released)
    with walk.step(later("Candidates see their results after the release")) as show:
        first = walk.made["trainees"][0]
        result = walk.person(first["phone"], first["name"]).get(f"/api/sittings/{first['sitting_id']}/result")
        walk.check(result["passed"], f"{result['earned']} of {result['points']}")
        show(earned=result["earned"], of=result["points"], passed=result["passed"], digest=result["digest"][:16])
