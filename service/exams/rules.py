"""Pure decisions of exams: a candidate's order of questions, receipts, deadlines, digests of released results."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from fractions import Fraction
from typing import Any

from curricula import canonical
from curricula.scoring import can_be_read
from service.foundation.clock import BEIJING
from service.foundation.language import later

LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

MODE_TITLES = {"online": later("Held online"), "paper": later("Held on paper")}

OUTCOME_TITLES = {
    "scored": later("Scored"),
    "absent": later("Absent from the exam"),
    "disqualified": later("Disqualified for cheating"),
}

KIND_TITLES = {
    "single": later("Single choice"),
    "multiple": later("Multiple choice"),
    "true_false": later("True or false"),
    "numeric": later("Calculation"),
    "case": later("Case study"),
    "essay": later("Essay"),
}

EXAM_STATE_TITLES = {
    "planned": later("Exam planned"),
    "frozen": later("Paper frozen"),
    "closed": later("Exam closed"),
    "released": later("Results released"),
    "cancelled": later("Cancelled"),
}

SITTING_STATE_TITLES = {
    "ready": later("Not started"),
    "open": later("Under way"),
    "submitted": later("Handed in"),
    "expired": later("Time over"),
    "absent": later("Did not sit"),
}

MODULE_TITLES = {
    "public_knowledge": later("Public knowledge"),
    "policy_and_law": later("Policy and law"),
    "practical_skills": later("Practical skills"),
    "capability": later("Capability"),
}

POLICY_TITLES = {
    "all_or_nothing": later("Points only when exactly the right options are chosen."),
    "right_minus_wrong": later("Each right option counts for you, each wrong one against you."),
    "each_option": later("Each option judged rightly counts."),
    "partial_if_none_wrong": later(
        "Part of the points for some of the right options; none when a wrong one is chosen."
    ),
}


def arranged(paper: Iterable[Mapping[str, Any]], arrangement: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A keyless paper in one candidate's order.

    `paper`: slots as `curricula.papers.CandidateSlot.to_json` gives them, options as written; `arrangement`: {order: [slot],
    options: {slot: {question id: [option id]}}}. The same as `curricula.papers.candidate_paper`, without needing the keys.
    """
    by_slot = {str(one["slot"]): one for one in paper}
    return [
        _arranged_slot(by_slot[name], number, arrangement["options"].get(name, {}))
        for number, name in enumerate(arrangement["order"], start=1)
    ]


def _arranged_slot(slot: Mapping[str, Any], number: int, orders: Mapping[str, list[str]]) -> dict[str, Any]:
    questions = []
    for question in slot["questions"]:
        if question["id"] in orders:
            options = {one["id"]: one for one in question["options"]}
            chosen = [{**options[name], "label": LABELS[place]} for place, name in enumerate(orders[question["id"]])]
            question = {**question, "options": chosen}
        questions.append(dict(question))
    return {**slot, "number": number, "questions": questions}


def is_answer(response: Any) -> bool:
    """Whether a response says anything: empty text, no choice, or a case without any part answered do not."""
    if isinstance(response, Mapping):
        return any(is_answer(one) for one in response.values())
    if isinstance(response, str):
        return bool(response.strip())
    return response is not None and response != []


def unreadable_places(slot: Mapping[str, Any], response: Any) -> list[str]:
    """The places (`7`, or `7.b` for a part of a case) of a keyless slot whose response cannot be an answer to what is asked.

    What says nothing is unanswered, not unreadable. A response to a part that is not there has its place in the list too.
    """
    if not is_answer(response):
        return []
    questions = {str(one["id"]): one for one in slot["questions"]}
    if slot["kind"] != "case":
        (question,) = questions.values()
        return [] if _reads(question, response) else [str(slot["slot"])]
    given = response if isinstance(response, Mapping) else {name: {"": response} for name in questions}
    return [
        f"{slot['slot']}.{name}"
        for name, answer in given.items()
        if is_answer(answer) and (name not in questions or not _reads(questions[name], answer))
    ]


def _reads(question: Mapping[str, Any], response: Any) -> bool:
    options = [one["id"] for one in question.get("options") or ()]
    return can_be_read(question["kind"], response, options, question.get("unit"))


def final_answers(answers: Mapping[int, Any]) -> dict[str, Any]:
    """Answers by slot as text, those that say nothing left out: what is scored and what the receipt covers."""
    return {str(slot): answers[slot] for slot in sorted(answers) if is_answer(answers[slot])}


def receipt_of(sitting_id: object, answers: Mapping[int, Any]) -> str:
    """The SHA-256 (64 hexadecimal characters) of the RFC 8785 JSON {sitting, answers} over the final answers."""
    return canonical.digest({"sitting": str(sitting_id), "answers": final_answers(answers)})


def deadline_of(
    opened_at: datetime, closes_at: datetime, duration_minutes: int, extra_minutes: int, window_minutes: int
) -> datetime:
    """min(start + duration + extra, closing + what moved the window for this person); itself still in time."""
    full = opened_at + timedelta(minutes=duration_minutes + extra_minutes)
    return min(full, closes_at + timedelta(minutes=window_minutes))


def seconds_between(now: datetime, then: datetime | None) -> int:
    """Whole seconds from `now` to `then`, never below nought; nought without a `then`."""
    return 0 if then is None else max(0, int((then - now).total_seconds()))


def exam_title(session_title: Mapping[str, str], earlier: int) -> dict[str, str]:
    """The name {zh, en} of an exam that was given none: the course session's with 考试, numbered when it is not the first.

    `earlier`: how many exams of the session were planned before and not cancelled.
    """
    chinese = session_title.get("zh") or session_title.get("en") or ""
    english = session_title.get("en") or chinese
    number = f"（{earlier + 1}）" if earlier else ""
    return {"zh": f"{chinese}考试{number}", "en": f"{english}: exam{f' {earlier + 1}' if earlier else ''}"}


def release_digest(results: Iterable[tuple[object, object, str]]) -> str:
    """The SHA-256 over (enrolment, result, result digest) of all results that are released together, in steady order."""
    rows = sorted([str(enrolment), str(result), digest] for enrolment, result, digest in results)
    return canonical.digest({"results": rows})


def field_name(slot: object, part: str = "") -> str:
    """The form field of an answer: `a-7`, or `a-7-b` for a part of a case."""
    return f"a-{slot}-{part}" if part else f"a-{slot}"


def response_from(slot: Mapping[str, Any], given: Mapping[str, list[str]]) -> Any:
    """The response to one slot of a keyless paper out of the fields of a form; None when nothing was answered.

    `given` holds the values of each field as they were sent.
    """
    if slot["kind"] != "case":
        return _typed(slot["kind"], given.get(field_name(slot["slot"]), []))
    parts = {
        question["id"]: _typed(question["kind"], given.get(field_name(slot["slot"], question["id"]), []))
        for question in slot["questions"]
    }
    answered = {name: value for name, value in parts.items() if is_answer(value)}
    return answered or None


def _typed(kind: str, values: list[str]) -> Any:
    chosen = [one for one in values if one.strip()]
    if not chosen:
        return None
    if kind == "multiple":
        return sorted(set(chosen))
    if kind == "true_false":
        return {"true": True, "false": False}.get(chosen[-1], chosen[-1])
    return chosen[-1].replace("\r\n", "\n")


def points_text(exact: object) -> str:
    """Exact points for people: `12`, `3.5`, and rounded with a sign when they do not end: `≈3.33`."""
    number = Fraction(str(exact))
    hundredths = number * 100
    if hundredths.denominator == 1:
        return f"{float(number):.2f}".rstrip("0").rstrip(".")
    return f"≈{float(number):.2f}"


def clock_text(seconds: int) -> str:
    """Seconds as `1:02:03` or `58:20`."""
    minutes, rest = divmod(max(0, seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"


# --- appeals -------------------------------------------------------------------------------------------------------

APPEAL_DAYS = 15
"""Days after the release in which an appeal may be lodged. A working value: no rule of the ministry is known."""

APPEAL_PANEL = 3
"""The fewest people that hear an appeal. A working value, as above."""

APPEAL_STATE_TITLES = {
    "lodged": later("Waits for a panel"),
    "hearing": later("With the panel"),
    "drawn_up": later("Decision waits for confirmation"),
    "closed": later("Appeal decided"),
    "withdrawn": later("Appeal withdrawn"),
}

APPEAL_GROUND_TITLES = {
    "score_check": later("The points were added up or recorded wrongly"),
    "marking": later("An answer was marked wrongly"),
    "procedure": later("The exam was not held as it should have been"),
    "irregularity": later("I am said to have broken the exam rules, and did not"),
}

APPEAL_OUTCOME_TITLES = {
    "upheld": later("Appeal upheld"),
    "partly_upheld": later("Appeal partly upheld"),
    "dismissed": later("Appeal dismissed"),
}

APPEAL_STEP_TITLES = {
    "lodged": later("Appeal lodged"),
    "panel": later("A panel was named"),
    "drawn_up": later("The panel drew up its decision"),
    "returned": later("The decision was not confirmed; the panel goes on"),
    "closed": later("The decision was confirmed"),
    "withdrawn": later("Appeal withdrawn"),
}

PART_TITLES = {
    "marked": later("marked or recorded scores of this exam"),
    "released": later("took part in releasing this result"),
    "taught": later("taught in this course"),
    "sat": later("sat this exam"),
    "appealed": later("lodged the appeal"),
    "assigns": later("names the panel"),
}

OUTCOME_ORDER = ("dismissed", "partly_upheld", "upheld")


def appeal_closes(released_at: datetime, days: int) -> datetime:
    """The moment until which an appeal is in time: the end, in Beijing, of the day `days` days after the release."""
    day = released_at.astimezone(BEIJING).date() + timedelta(days=days + 1)
    return datetime.combine(day, time(), BEIJING)


def panel_outcome(opinions: Sequence[str]) -> str:
    """What an odd number of opinions comes to: the most that a majority grants (`dismissed` < `partly_upheld` < `upheld`).

    With a plain majority that is the majority's word; one voice each way comes to what two of the three would grant.
    """
    if len(opinions) % 2 == 0:
        raise ValueError("an even number of opinions")
    return sorted(opinions, key=OUTCOME_ORDER.index)[len(opinions) // 2]


def decision_digest(
    appeal_id: object,
    result_digest: str,
    outcome: str,
    reasons: bytes,
    marks: Mapping[str, Any] | None,
    score: str | None,
) -> str:
    """The SHA-256 of what the two members of a panel decide on; `reasons` are the sealed bytes."""
    content = {
        "appeal": str(appeal_id),
        "result": result_digest,
        "outcome": outcome,
        "reasons": hashlib.sha256(reasons).hexdigest(),
        "marks": dict(marks) if marks else None,
        "score": score,
    }
    return canonical.digest(content)
