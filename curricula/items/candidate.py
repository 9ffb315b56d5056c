"""What a candidate sees of an item: a value of its own that has no place for a key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from curricula.bilingual import Bilingual
from curricula.canonical import exact_json
from curricula.items.values import Item, NumericKey, Option, Question
from curricula.ordering import shuffled
from curricula.refusals import OptionOrderWrong

# One order of option ids a question, by question id ("" for an item that is one question).
OptionOrder = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class CandidateQuestion:
    """What is asked and offered; `unit` is the unit a number is wanted in, `policy` how several choices are scored."""

    id: str
    kind: str
    stem: Bilingual | None
    points: Fraction
    options: tuple[Option, ...]
    policy: str | None
    unit: str | None

    def to_json(self) -> dict[str, Any]:
        """Only fields that may be shown before the exam is over."""
        value: dict[str, Any] = {"id": self.id, "kind": self.kind, "points": exact_json(self.points)}
        if self.stem is not None:
            value["stem"] = self.stem.to_json()
        if self.options:
            labels = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
            value["options"] = [
                {"id": one.id, "label": labels[place], "text": one.text.to_json()}
                for place, one in enumerate(self.options)
            ]
        if self.policy is not None:
            value["policy"] = self.policy
        if self.unit is not None:
            value["unit"] = self.unit
        return value


@dataclass(frozen=True)
class CandidateItem:
    """An item as the candidate sees it: no key, rationale, citation, rubric, difficulty or name in the bank."""

    kind: str
    stem: Bilingual
    questions: tuple[CandidateQuestion, ...]

    def to_json(self) -> dict[str, Any]:
        """{kind, stem, questions}; the question of an item that is one question has no stem of its own."""
        return {"kind": self.kind, "stem": self.stem.to_json(), "questions": [one.to_json() for one in self.questions]}


def option_order(item: Item, seed: str) -> dict[str, list[str]]:
    """The order of options for one candidate, the same for the same seed: question id -> option ids."""
    return {
        question.id: shuffled([one.id for one in question.options], f"{seed}/options/{item.id}/{question.id}")
        if question.shuffle
        else [one.id for one in question.options]
        for question in item.questions
        if question.options
    }


def candidate_view(item: Item, order: OptionOrder | None = None, points: Fraction | None = None) -> CandidateItem:
    """The item without anything that helps to answer it.

    `order` gives the order of options by question id (none: as written); `points` what the whole item is worth in this
    form (none: its own). Raises OptionOrderWrong.
    """
    scale = Fraction(1) if points is None else points / item.points
    return CandidateItem(
        item.kind, item.stem, tuple(_question_view(item, question, order or {}, scale) for question in item.questions)
    )


def _question_view(item: Item, question: Question, order: OptionOrder, scale: Fraction) -> CandidateQuestion:
    options = {one.id: one for one in question.options}
    wanted = list(order.get(question.id, options))
    if sorted(wanted) != sorted(options):
        raise OptionOrderWrong(item=item.id)
    return CandidateQuestion(
        id=question.id,
        kind=question.kind,
        stem=question.stem if question.id else None,
        points=question.points * scale,
        options=tuple(options[one] for one in wanted),
        policy=question.policy,
        unit=question.key.unit if isinstance(question.key, NumericKey) else None,
    )
