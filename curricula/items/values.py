"""Items of a bank as frozen values: what is asked, the key, how it is scored, and what it measures."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from curricula import canonical
from curricula.bilingual import Bilingual, optional_bilingual
from curricula.canonical import exact_json
from curricula.findings import refuse_errors
from curricula.items.checking import item_problems
from curricula.reading import Document


def _exact(value: Any) -> Fraction:
    number = canonical.exact(value)
    assert number is not None, "the shape was checked before"
    return number


@dataclass(frozen=True)
class Option:
    """One option of a choice question; `id` is what an answer names."""

    id: str
    text: Bilingual


@dataclass(frozen=True)
class NumericKey:
    """A numeric answer is right when it lies within `tolerance` of `value`, ends included; both exact, in `unit`."""

    value: Fraction
    tolerance: Fraction
    unit: str | None
    written: str

    def to_json(self) -> dict[str, Any]:
        """{value, tolerance, unit} with the value as its author wrote it."""
        key: dict[str, Any] = {"value": self.written, "tolerance": exact_json(self.tolerance)}
        return key if self.unit is None else {**key, "unit": self.unit}


@dataclass(frozen=True)
class RubricLevel:
    """What earns so many points of a rubric line."""

    points: Fraction
    text: Bilingual


@dataclass(frozen=True)
class RubricLine:
    """One criterion of an essay's rubric, marked from 0 to `points`; by its `levels` alone where it has any."""

    id: str
    criterion: Bilingual
    points: Fraction
    levels: tuple[RubricLevel, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """{id, criterion, points, levels}."""
        return {
            "id": self.id,
            "criterion": self.criterion.to_json(),
            "points": exact_json(self.points),
            "levels": [{"points": exact_json(one.points), "text": one.text.to_json()} for one in self.levels],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "RubricLine":
        """A line from a value whose shape was checked before."""
        levels = tuple(
            RubricLevel(_exact(one["points"]), Bilingual.from_json(one["text"])) for one in value.get("levels") or ()
        )
        return cls(value["id"], Bilingual.from_json(value["criterion"]), _exact(value["points"]), levels)


Key = str | tuple[str, ...] | bool | NumericKey | None


@dataclass(frozen=True)
class Question:
    """One thing to be answered: the whole item, or one part of a case, which may have a rationale of its own.

    `id` is empty for a whole item.
    """

    id: str
    kind: str
    stem: Bilingual
    points: Fraction
    options: tuple[Option, ...] = ()
    key: Key = None
    policy: str | None = None
    rubric: tuple[RubricLine, ...] = ()
    shuffle: bool = True
    rationale: Bilingual | None = None

    def key_json(self) -> Any:
        """The key as content writes it; None for an essay."""
        if isinstance(self.key, tuple):
            return list(self.key)
        return self.key.to_json() if isinstance(self.key, NumericKey) else self.key

    def to_json(self) -> dict[str, Any]:
        """The fields of the question that its kind has."""
        value: dict[str, Any] = {
            "id": self.id,
            "kind": self.kind,
            "stem": self.stem.to_json(),
            "points": exact_json(self.points),
        }
        if self.options:
            value["options"] = [{"id": one.id, "text": one.text.to_json()} for one in self.options]
            value["shuffle"] = self.shuffle
        if self.key is not None:
            value["key"] = self.key_json()
        if self.policy is not None:
            value["policy"] = self.policy
        if self.rubric:
            value["rubric"] = [line.to_json() for line in self.rubric]
        if self.rationale is not None:
            value["rationale"] = self.rationale.to_json()
        return value


@dataclass(frozen=True)
class Citation:
    """An article of an act in the citation register."""

    act: str
    article: str

    def to_json(self) -> dict[str, str]:
        """{act, article}."""
        return {"act": self.act, "article": self.article}


@dataclass(frozen=True)
class SecondReading:
    """Who else read the item against the cited text: not the name, but the day and the outcome."""

    checked_on: str
    result: str
    note: str | None = None

    def to_json(self) -> dict[str, str]:
        """{checked_on, result, note}."""
        value = {"checked_on": self.checked_on, "result": self.result}
        return value if self.note is None else {**value, "note": self.note}


@dataclass(frozen=True)
class Item:
    """One version of one item. A case has several questions under one stimulus (`stem`), every other kind has one."""

    id: str
    version: int
    kind: str
    stem: Bilingual
    questions: tuple[Question, ...]
    rationale: Bilingual
    citations: tuple[Citation, ...]
    unit: str
    module: str
    levels: tuple[str, ...]
    cognitive: str
    difficulty: int
    enemies: tuple[str, ...] = ()
    second_reader: SecondReading | None = None

    @property
    def points(self) -> Fraction:
        """The points of all its questions."""
        return sum((one.points for one in self.questions), Fraction(0))

    def to_json(self) -> dict[str, Any]:
        """The item as content writes it: one canonical form for one item."""
        if self.kind == "case":
            asked: dict[str, Any] = {
                "points": exact_json(self.points),
                "parts": [one.to_json() for one in self.questions],
            }
        else:
            asked = {
                name: value for name, value in self.questions[0].to_json().items() if name not in ("id", "stem", "kind")
            }
        value = {
            "id": self.id,
            "version": self.version,
            "kind": self.kind,
            "stem": self.stem.to_json(),
            **asked,
            "rationale": self.rationale.to_json(),
            "citations": [one.to_json() for one in self.citations],
            "unit": self.unit,
            "module": self.module,
            "level": list(self.levels),
            "cognitive": self.cognitive,
            "difficulty": self.difficulty,
            "enemies": list(self.enemies),
        }
        if self.second_reader is not None:
            value["second_reader"] = self.second_reader.to_json()
        return value

    @classmethod
    def from_json(cls, value: Any, file: str = "item") -> "Item":
        """An item from its JSON. Raises Faults naming each field that is not as it must be."""
        refuse_errors(Document(file, value), item_problems(value, ()))
        return item_of(value)

    def digest(self) -> str:
        """The SHA-256 of this version's content."""
        return canonical.digest(self.to_json())


def item_of(value: Mapping[str, Any]) -> Item:
    """An item from a value whose shape was checked before."""
    if value["kind"] == "case":
        questions = tuple(_question(part, part["id"]) for part in value["parts"])
    else:
        questions = (_question(value, ""),)
    reading = value.get("second_reader")
    return Item(
        id=value["id"],
        version=value["version"],
        kind=value["kind"],
        stem=Bilingual.from_json(value["stem"]),
        questions=questions,
        rationale=Bilingual.from_json(value["rationale"]),
        citations=tuple(citation_of(one) for one in value["citations"]),
        unit=value["unit"],
        module=value["module"],
        levels=tuple(value["level"]),
        cognitive=value["cognitive"],
        difficulty=value["difficulty"],
        enemies=tuple(value.get("enemies") or ()),
        second_reader=None
        if reading is None
        else SecondReading(reading["checked_on"], reading["result"], reading.get("note")),
    )


def citation_of(value: Mapping[str, Any]) -> Citation:
    """A citation from a value whose shape was checked before."""
    return Citation(value["act"], str(value["article"]))


def _question(value: Mapping[str, Any], own_id: str) -> Question:
    return Question(
        id=own_id,
        kind=value["kind"],
        stem=Bilingual.from_json(value["stem"]),
        points=_exact(value["points"]),
        options=tuple(Option(one["id"], Bilingual.from_json(one["text"])) for one in value.get("options") or ()),
        key=_key(value["kind"], value.get("key")),
        policy=value.get("policy"),
        rubric=tuple(RubricLine.from_json(line) for line in value.get("rubric") or ()),
        shuffle=value.get("shuffle", True),
        rationale=optional_bilingual(value.get("rationale")) if own_id else None,
    )


def _key(kind: str, value: Any) -> Key:
    if kind == "multiple":
        return tuple(sorted(value))
    if kind == "numeric":
        return NumericKey(
            _exact(value["value"]), _exact(value.get("tolerance", 0)), value.get("unit"), str(value["value"])
        )
    return value  # type: ignore[no-any-return]  # an option id, true or false, or None for an essay
