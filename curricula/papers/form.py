"""A drawn form: the questions of one paper with their frozen items, and its arrangement for one candidate."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from curricula import canonical
from curricula.canonical import fraction_text
from curricula.findings import refuse_errors
from curricula.items import KINDS, CandidateItem, Item, Question, candidate_view, option_order
from curricula.ordering import shuffled
from curricula.reading import Document
from curricula.refusals import ArrangementDoesNotFit, FormChanged
from curricula.shapes import anything, day, exact_number, identifier, list_of, one_of, record, text, true_false, whole

FORM_FORMAT = "curricula-form/1"

_hash = text(r"[0-9a-f]{64}")
_positive = exact_number(least=Fraction(1, 10**6), most=10000)
_form = record(
    {
        "format": one_of(FORM_FORMAT),
        "blueprint": record({"blueprint": identifier(), "version": whole(least=1), "digest": _hash}),
        "bank": record({"bank": identifier(), "version": whole(least=1), "digest": _hash}),
        "syllabus": record({"syllabus": identifier(), "version": text(), "level": identifier()}),
        "seed": text(),
        "day": day,
        "minutes": whole(least=1),
        "pass_mark": exact_number(least=0, most=1),
        "points": _positive,
        "shuffle_questions": true_false,
        "slots": list_of(
            record(
                {
                    "slot": text(r"[1-9][0-9]{0,3}"),
                    "cell": identifier(),
                    "points": _positive,
                    "item_digest": _hash,
                    "item": anything,
                }
            ),
            least=1,
        ),
    }
)


@dataclass(frozen=True)
class Slot:
    """One place of a form: which cell it fills, what it is worth, and the item as it was on the day of drawing."""

    slot: str
    cell: str
    points: Fraction
    item: Item

    @cached_property
    def item_digest(self) -> str:
        """The digest of the item, worked out once."""
        return self.item.digest()

    def places(self) -> Iterator[tuple[str, Question, Fraction]]:
        """Each question with its place (`7`, or `7.b` for a part of a case) and what it is worth in this form."""
        scale = self.points / self.item.points
        for question in self.item.questions:
            yield (f"{self.slot}.{question.id}" if question.id else self.slot), question, question.points * scale

    def to_json(self) -> dict[str, Any]:
        """{slot, cell, points, item_digest, item}."""
        return {
            "slot": self.slot,
            "cell": self.cell,
            "points": fraction_text(self.points),
            "item_digest": self.item_digest,
            "item": self.item.to_json(),
        }


@dataclass(frozen=True)
class Form:
    """One form: secret as long as its items are. It holds all that scoring needs, so later edits cannot reach it."""

    blueprint: tuple[str, int, str]
    bank: tuple[str, int, str]
    syllabus: tuple[str, str, str]
    seed: str
    day: str
    minutes: int
    pass_mark: Fraction
    shuffle_questions: bool
    slots: tuple[Slot, ...]

    @property
    def points(self) -> Fraction:
        """What the whole form is worth."""
        return sum((one.points for one in self.slots), Fraction(0))

    @cached_property
    def by_slot(self) -> Mapping[str, Slot]:
        """Slots by their number."""
        return {one.slot: one for one in self.slots}

    def to_json(self) -> dict[str, Any]:
        """The frozen form, keys included: never sent to a candidate."""
        return {
            "format": FORM_FORMAT,
            "blueprint": dict(zip(("blueprint", "version", "digest"), self.blueprint, strict=True)),
            "bank": dict(zip(("bank", "version", "digest"), self.bank, strict=True)),
            "syllabus": dict(zip(("syllabus", "version", "level"), self.syllabus, strict=True)),
            "seed": self.seed,
            "day": self.day,
            "minutes": self.minutes,
            "pass_mark": fraction_text(self.pass_mark),
            "points": fraction_text(self.points),
            "shuffle_questions": self.shuffle_questions,
            "slots": [one.to_json() for one in self.slots],
        }

    @classmethod
    def from_json(cls, value: Any, file: str = "form") -> "Form":
        """A form from the JSON it was frozen as.

        Raises Faults when it is no form, FormChanged when an item or the sum is not what was frozen.
        """
        refuse_errors(Document(file, value), _form(value, ()))
        form = cls(
            (value["blueprint"]["blueprint"], value["blueprint"]["version"], value["blueprint"]["digest"]),
            (value["bank"]["bank"], value["bank"]["version"], value["bank"]["digest"]),
            (value["syllabus"]["syllabus"], value["syllabus"]["version"], value["syllabus"]["level"]),
            value["seed"],
            value["day"],
            value["minutes"],
            Fraction(value["pass_mark"]),
            value["shuffle_questions"],
            tuple(_slot_of(one) for one in value["slots"]),
        )
        if form.points != Fraction(value["points"]) or len(form.by_slot) != len(form.slots):
            raise FormChanged(slot="-")
        return form

    @cached_property
    def _digest(self) -> str:
        return canonical.digest(self.to_json())

    def digest(self) -> str:
        """The SHA-256 of the canonical JSON, worked out once."""
        return self._digest


@dataclass(frozen=True)
class CandidateSlot:
    """One question of a candidate's paper; `number` is the one printed before it, `slot` the one answers are saved under."""

    number: int
    slot: str
    points: Fraction
    item: CandidateItem

    def to_json(self) -> dict[str, Any]:
        """{number, slot, points, kind, stem, questions}."""
        return {"number": self.number, "slot": self.slot, "points": fraction_text(self.points), **self.item.to_json()}


def arrangement(form: Form, seed: str) -> dict[str, Any]:
    """The order of questions and options for one candidate, to be stored with the sitting: the same for the same seed.

    {seed, order: [slot], options: {slot: {question id: [option id]}}}. Questions move only among those of their kind.
    """
    order = [one.slot for one in form.slots]
    if form.shuffle_questions:
        place = {name: number for number, name in enumerate(shuffled(order, f"{seed}/questions"))}
        order.sort(key=lambda name: (KINDS.index(form.by_slot[name].item.kind), place[name]))
    options = {one.slot: option_order(one.item, f"{seed}/{one.slot}") for one in form.slots}
    return {"seed": seed, "order": order, "options": {name: chosen for name, chosen in options.items() if chosen}}


def candidate_paper(form: Form, arranged: Mapping[str, Any]) -> tuple[CandidateSlot, ...]:
    """The paper as one candidate sees it, without any key. Raises ArrangementDoesNotFit, OptionOrderWrong."""
    if sorted(arranged["order"]) != sorted(form.by_slot):
        raise ArrangementDoesNotFit()
    options = arranged["options"]
    return tuple(
        CandidateSlot(
            number, name, form.by_slot[name].points, candidate_view(slot.item, options.get(name), slot.points)
        )
        for number, name in enumerate(arranged["order"], start=1)
        for slot in (form.by_slot[name],)
    )


def _slot_of(value: Mapping[str, Any]) -> Slot:
    item = Item.from_json(value["item"], f"slot {value['slot']}")
    if item.digest() != value["item_digest"]:
        raise FormChanged(slot=value["slot"])
    return Slot(value["slot"], value["cell"], Fraction(value["points"]), item)
