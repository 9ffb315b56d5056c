"""Scoring a form: pure, exact and repeatable; the same form, answers and marks give the same bytes."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from curricula import canonical
from curricula.canonical import canonical_bytes, exact, fraction_text
from curricula.cutscores import Cut
from curricula.items import NumericKey, Question, RubricLine
from curricula.papers import Form
from curricula.refusals import MarkForUnknownPlace, MarkOutOfRange

RULE = "curricula-scoring/1"
RECORD_FORMAT = "curricula-score/1"

SCORED, UNANSWERED, UNREADABLE, PENDING = "scored", "unanswered", "unreadable", "pending"

_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")

Marks = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class PlaceScore:
    """One question of the form. `earned` is None while a mark is missing; `state` says how the figure came about."""

    place: str
    kind: str
    points: Fraction
    earned: Fraction | None
    state: str

    def to_json(self) -> dict[str, Any]:
        """{place, kind, points, earned, state}."""
        return {
            "place": self.place,
            "kind": self.kind,
            "points": fraction_text(self.points),
            "earned": None if self.earned is None else fraction_text(self.earned),
            "state": self.state,
        }


@dataclass(frozen=True)
class SlotScore:
    """One item of the form with the places under it."""

    slot: str
    item: str
    version: int
    item_digest: str
    unit: str
    module: str
    points: Fraction
    places: tuple[PlaceScore, ...]

    @property
    def earned(self) -> Fraction:
        """The points earned so far."""
        return sum((one.earned for one in self.places if one.earned is not None), Fraction(0))

    @property
    def pending(self) -> bool:
        """Whether a mark is missing."""
        return any(one.earned is None for one in self.places)

    def to_json(self) -> dict[str, Any]:
        """The slot with its places."""
        return {
            "slot": self.slot,
            "item": self.item,
            "version": self.version,
            "item_digest": self.item_digest,
            "unit": self.unit,
            "module": self.module,
            "points": fraction_text(self.points),
            "earned": fraction_text(self.earned),
            "pending": self.pending,
            "places": [one.to_json() for one in self.places],
        }


@dataclass(frozen=True)
class ScoreRecord:
    """The score of one sitting with the hashes of all it rests on; anyone with form, answers and marks gets the same bytes."""

    slots: tuple[SlotScore, ...]
    cut: Cut
    hashes: Mapping[str, str]
    rule: str = RULE
    unplaced: tuple[str, ...] = field(default=())

    @property
    def points(self) -> Fraction:
        """What the form is worth."""
        return sum((one.points for one in self.slots), Fraction(0))

    @property
    def earned(self) -> Fraction:
        """The points earned; a lower bound while marks are missing."""
        return sum((one.earned for one in self.slots), Fraction(0))

    @property
    def pending(self) -> tuple[str, ...]:
        """The places that wait for a mark."""
        return tuple(place.place for one in self.slots for place in one.places if place.earned is None)

    @property
    def passed(self) -> bool | None:
        """Whether the pass mark is reached; None while a mark is missing, even where the rest would do."""
        return None if self.pending else self.cut.passes(self.earned)

    def by(self, what: str) -> dict[str, dict[str, Any]]:
        """Points and earned points by `module` or `unit`."""
        found: dict[str, list[SlotScore]] = {}
        for one in self.slots:
            found.setdefault(getattr(one, what), []).append(one)
        return {
            name: {
                "points": fraction_text(sum((one.points for one in group), Fraction(0))),
                "earned": fraction_text(sum((one.earned for one in group), Fraction(0))),
                "pending": any(one.pending for one in group),
            }
            for name, group in found.items()
        }

    def to_json(self) -> dict[str, Any]:
        """The record as it is stored: exact numbers are text."""
        return {
            "format": RECORD_FORMAT,
            "rule": self.rule,
            "state": "pending" if self.pending else "complete",
            "points": fraction_text(self.points),
            "earned": fraction_text(self.earned),
            "passed": self.passed,
            "cut": self.cut.to_json(),
            "pending": list(self.pending),
            "unplaced": list(self.unplaced),
            "modules": self.by("module"),
            "units": self.by("unit"),
            "slots": [one.to_json() for one in self.slots],
            "hashes": dict(self.hashes),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "ScoreRecord":
        """A record from its JSON; sums are computed anew."""
        return cls(
            tuple(_slot_score_of(one) for one in value["slots"]),
            Cut(Fraction(value["cut"]["pass_mark"]), Fraction(value["points"])),
            dict(value["hashes"]),
            value["rule"],
            tuple(value["unplaced"]),
        )

    def canonical_bytes(self) -> bytes:
        """The bytes that are hashed, signed or compared (RFC 8785)."""
        return canonical_bytes(self.to_json())

    def digest(self) -> str:
        """The SHA-256 of those bytes."""
        return canonical.digest(self.to_json())


def score(form: Form, answers: Mapping[str, Any], marks: Marks | None = None) -> ScoreRecord:
    """Score the answers to a form.

    `answers` by slot: `"A"`, `["A", "C"]`, `true`, `"12.5"`, essay text, or for a case {part: answer}; a missing or empty
    one is unanswered and earns nothing. What cannot be read earns nothing and is marked `unreadable`, and an answer to a
    slot that the form does not have is listed in `unplaced`: what a candidate sends never stops the scoring.
    `marks` by place (`7`, or `7.b` for a part of a case): {rubric line: points}. An essay that was answered waits
    (`pending`) until every line has its mark. Raises MarkForUnknownPlace, MarkOutOfRange.
    """
    given = marks or {}
    _refuse_stray_marks(form, given)
    slots = tuple(
        SlotScore(
            slot.slot,
            slot.item.id,
            slot.item.version,
            slot.item_digest,
            slot.item.unit,
            slot.item.module,
            slot.points,
            tuple(
                _place_score(place, question, points, _answer_to(answers.get(slot.slot), question), given.get(place))
                for place, question, points in slot.places()
            ),
        )
        for slot in form.slots
    )
    hashes = {
        "form": form.digest(),
        "items": canonical.digest([one.item_digest for one in slots]),
        "key": canonical.digest(
            {place: question.key_json() for slot in form.slots for place, question, _ in slot.places()}
        ),
        "answers": canonical.digest(_hashable(answers)),
        "marks": canonical.digest(
            {place: {line: str(mark) for line, mark in lines.items()} for place, lines in given.items()}
        ),
    }
    unplaced = tuple(sorted(name for name in answers if name not in form.by_slot))
    return ScoreRecord(slots, Cut(form.pass_mark, form.points), hashes, RULE, unplaced)


def share_earned(question: Question, answer: Any) -> tuple[Fraction, str]:
    """The share (0 to 1) of its points that an answer earns by key alone, and its state; not for essays.

    The four policies of multiple choice, with r options of the key chosen, w others chosen, k in the key, n in all:
    all_or_nothing 1 if r = k and w = 0; right_minus_wrong max(0, (r - w) / k); each_option (options judged rightly) / n;
    partial_if_none_wrong r / k if w = 0. Nothing chosen earns nothing under every policy.
    """
    if answer is None or answer == [] or (isinstance(answer, str) and not answer.strip()):
        return Fraction(0), UNANSWERED
    unit = question.key.unit if isinstance(question.key, NumericKey) else None
    if not can_be_read(question.kind, answer, [one.id for one in question.options], unit):
        return Fraction(0), UNREADABLE
    if question.kind == "multiple":
        return _multiple_share(question, answer)
    if question.kind == "numeric":
        return _numeric_share(question, answer)
    return Fraction(answer == question.key), SCORED


def can_be_read(kind: str, answer: Any, options: Collection[str] = (), unit: str | None = None) -> bool:
    """Whether scoring can read an answer that says something as an answer to this kind of question.

    `options` are the ids offered, `unit` the unit a number is wanted in: what a candidate sees is enough, no key is needed.
    """
    if kind == "multiple":
        listed = isinstance(answer, Sequence) and not isinstance(answer, str)
        return listed and all(isinstance(one, str) and one in options for one in answer)
    if kind == "numeric":
        return read_number(answer, unit) is not None
    if kind == "true_false":
        return isinstance(answer, bool)
    if kind == "essay":
        return isinstance(answer.get("text") if isinstance(answer, Mapping) else answer, str)
    return isinstance(answer, str) and answer in options


def marks_offered(line: RubricLine) -> tuple[Fraction, ...]:
    """The marks that a rubric line's levels offer, rising; 0, for nothing shown, always among them. Empty without levels."""
    return tuple(sorted({Fraction(0), *(one.points for one in line.levels)})) if line.levels else ()


def read_mark(mark: Any, line: RubricLine) -> Fraction | None:
    """The exact points of a new mark by a rubric line: one of its levels, or without levels any from 0 to its points.

    None for anything else. Scoring itself takes what lies between 0 and the points, so that what was marked before stands.
    """
    number = exact(mark.strip() if isinstance(mark, str) else mark)
    if number is None or not 0 <= number <= line.points:
        return None
    return number if not line.levels or number in marks_offered(line) else None


def read_number(answer: Any, unit: str | None = None) -> Fraction | None:
    """The exact number a candidate wrote, or None. Full-width digits, thousands commas and the right unit are understood."""
    if isinstance(answer, Mapping):
        named = answer.get("unit")
        if named is not None and named != unit:
            return None
        answer = answer.get("value")
    if isinstance(answer, float):
        answer = repr(answer)
    if isinstance(answer, str):
        answer = unicodedata.normalize("NFKC", answer).replace("−", "-").replace(" ", "")
        if unit:
            answer = answer.removesuffix(unicodedata.normalize("NFKC", unit).replace(" ", ""))
        if _THOUSANDS.fullmatch(answer):
            answer = answer.replace(",", "")
        answer = re.sub(r"^(-?)\.", r"\g<1>0.", answer.removeprefix("+"))
    return exact(answer)


def _hashable(answer: Any) -> Any:
    """An answer in which numbers and text are such that any reader of JSON gets the same bytes, whatever was sent."""
    if isinstance(answer, Mapping):
        return {str(_hashable(name)): _hashable(value) for name, value in answer.items()}
    if isinstance(answer, list | tuple):
        return [_hashable(one) for one in answer]
    if isinstance(answer, str):
        return answer.encode("utf-8", "backslashreplace").decode()
    return answer if answer is None or isinstance(answer, bool) else {"number": repr(answer)}


def _multiple_share(question: Question, answer: Any) -> tuple[Fraction, str]:
    options = {one.id for one in question.options}
    chosen = set(answer)
    assert isinstance(question.key, tuple)
    key = set(question.key)
    right, wrong = len(chosen & key), len(chosen - key)
    if question.policy == "right_minus_wrong":
        share = max(Fraction(0), Fraction(right - wrong, len(key)))
    elif question.policy == "each_option":
        share = Fraction(right + len(options - key) - wrong, len(options))
    elif question.policy == "partial_if_none_wrong":
        share = Fraction(0) if wrong else Fraction(right, len(key))
    else:
        share = Fraction(chosen == key)
    return share, SCORED


def _numeric_share(question: Question, answer: Any) -> tuple[Fraction, str]:
    assert isinstance(question.key, NumericKey)
    number = read_number(answer, question.key.unit)
    assert number is not None, "what cannot be read was sorted out before"
    return Fraction(abs(number - question.key.value) <= question.key.tolerance), SCORED


def _answer_to(answer: Any, question: Question) -> Any:
    """The answer to one question out of the answer to its slot; what is not {part: answer} is unreadable in every part."""
    if not question.id or answer is None:
        return answer
    return answer.get(question.id) if isinstance(answer, Mapping) else {}


def _place_score(
    place: str, question: Question, points: Fraction, answer: Any, marks: Mapping[str, Any] | None
) -> PlaceScore:
    if question.kind != "essay":
        share, state = share_earned(question, answer)
        return PlaceScore(place, question.kind, points, share * points, state)
    written = answer.get("text") if isinstance(answer, Mapping) else answer
    if not marks and (written is None or (isinstance(written, str) and not written.strip())):
        return PlaceScore(place, question.kind, points, Fraction(0), UNANSWERED)
    if not marks and not can_be_read("essay", answer):  # nobody can mark what is no text, so it must not wait
        return PlaceScore(place, question.kind, points, Fraction(0), UNREADABLE)
    if marks is None or any(line.id not in marks for line in question.rubric):
        return PlaceScore(place, question.kind, points, None, PENDING)
    earned = sum((exact(marks[line.id]) or Fraction(0) for line in question.rubric), Fraction(0))
    return PlaceScore(place, question.kind, points, earned / question.points * points, SCORED)


def _refuse_stray_marks(form: Form, marks: Marks) -> None:
    rubrics = {
        place: {line.id: line.points for line in question.rubric}
        for slot in form.slots
        for place, question, _ in slot.places()
        if question.kind == "essay"
    }
    for place, lines in marks.items():
        for line, mark in lines.items():
            most = rubrics.get(place, {}).get(line)
            if most is None:
                raise MarkForUnknownPlace(place=place, line=line)
            number = exact(mark)
            if number is None or not 0 <= number <= most:
                raise MarkOutOfRange(place=place, line=line, mark=mark, most=most)


def _slot_score_of(value: Mapping[str, Any]) -> SlotScore:
    return SlotScore(
        value["slot"],
        value["item"],
        value["version"],
        value["item_digest"],
        value["unit"],
        value["module"],
        Fraction(value["points"]),
        tuple(
            PlaceScore(
                one["place"],
                one["kind"],
                Fraction(one["points"]),
                None if one["earned"] is None else Fraction(one["earned"]),
                one["state"],
            )
            for one in value["places"]
        ),
    )
