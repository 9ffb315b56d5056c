"""What a form of the item bank holds, turned into an item's content: pure, without judging it."""

import json
from collections.abc import Mapping
from typing import Any

from service.foundation.language import later

KIND_TITLES = {
    "single": later("Single choice"),
    "multiple": later("Multiple choice"),
    "true_false": later("True or false"),
    "numeric": later("Calculation"),
    "case": later("Case study"),
    "essay": later("Essay"),
}
FORM_KINDS = ("single", "multiple", "true_false", "numeric", "essay")  # a case is written as text
MODULE_TITLES = {
    "public_knowledge": later("Public knowledge"),
    "policy_and_law": later("Policy and law"),
    "practical_skills": later("Practical skills"),
    "capability": later("Capability"),
}
LEVEL_TITLES = {"initial": later("Initial"), "intermediate": later("Intermediate"), "senior": later("Senior")}
COGNITIVE_TITLES = {
    "remember": later("Remember"),
    "understand": later("Understand"),
    "apply": later("Apply what was learnt"),
    "analyse": later("Analyse"),
}
POLICY_TITLES = {
    "all_or_nothing": later("Points only when exactly the right options are chosen."),
    "right_minus_wrong": later("Each right option counts for you, each wrong one against you."),
    "each_option": later("Each option judged rightly counts."),
    "partial_if_none_wrong": later(
        "Part of the points for some of the right options; none when a wrong one is chosen."
    ),
}
STATE_TITLES = {
    "draft": later("Draft"),
    "in_review": later("In review"),
    "approved": later("Approved and frozen"),
    "retired": later("Retired"),
}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def content_of(given: Mapping[str, Any], version: int) -> dict[str, Any]:
    """An item's content from form fields: options and rubric one a line, citations as `act article` a line.

    Fields: kind, code, stem, options, key, keys (list), points, policy, tolerance, unit_of_measure, rubric
    (`criterion | points` a line), rationale, citations, unit, module, level (list), cognitive, difficulty.
    """
    kind = str(given.get("kind") or "")
    content: dict[str, Any] = {
        "id": _text(given, "code"),
        "version": version,
        "kind": kind,
        "stem": _bilingual(given, "stem"),
        "points": _number(_text(given, "points")),
        "rationale": _bilingual(given, "rationale"),
        "citations": [_citation(line) for line in _lines(given, "citations")],
        "unit": _text(given, "unit"),
        "module": _text(given, "module"),
        "level": list(given.get("level") or ()),
        "cognitive": _text(given, "cognitive"),
        "difficulty": _number(_text(given, "difficulty")),
        "enemies": _text(given, "enemies").replace(",", " ").split(),
    }
    if kind in ("single", "multiple"):
        lines = _lines(given, "options")[: len(LETTERS)]
        content["options"] = [{"id": LETTERS[n], "text": {"zh": line}} for n, line in enumerate(lines)]
    if kind == "single":
        content["key"] = _text(given, "key").upper()
    elif kind == "multiple":
        content["key"] = sorted({one for one in _text(given, "key").upper() if one in LETTERS})
        content["policy"] = _text(given, "policy")
    elif kind == "true_false":
        content["key"] = {"true": True, "false": False}.get(_text(given, "key"), _text(given, "key"))
    elif kind == "numeric":
        key: dict[str, Any] = {"value": _text(given, "key"), "tolerance": _text(given, "tolerance") or "0"}
        measure = _text(given, "unit_of_measure")
        content["key"] = {**key, "unit": measure} if measure else key
    elif kind == "essay":
        content["rubric"] = [_rubric_line(n, line) for n, line in enumerate(_lines(given, "rubric"), start=1)]
    return content


def fields_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """The form fields of an item's content, to write a next version from it; the reverse of `content_of`."""
    key = content.get("key")
    fields: dict[str, Any] = {
        "kind": content["kind"],
        "code": content["id"],
        "stem": content["stem"]["zh"],
        "stem_en": content["stem"].get("en", ""),
        "points": str(content["points"]),
        "rationale": content["rationale"]["zh"],
        "rationale_en": content["rationale"].get("en", ""),
        "citations": "\n".join(f"{one['act']} {one['article']}" for one in content["citations"]),
        "unit": content["unit"],
        "module": content["module"],
        "level": list(content["level"]),
        "cognitive": content["cognitive"],
        "difficulty": str(content["difficulty"]),
        "enemies": " ".join(content.get("enemies") or ()),
        "options": "\n".join(one["text"]["zh"] for one in content.get("options") or ()),
        "policy": content.get("policy", ""),
        "rubric": "\n".join(f"{one['criterion']['zh']} | {one['points']}" for one in content.get("rubric") or ()),
    }
    if isinstance(key, Mapping):
        fields.update(key=key["value"], tolerance=str(key.get("tolerance", 0)), unit_of_measure=key.get("unit", ""))
    elif isinstance(key, bool):
        fields["key"] = "true" if key else "false"
    else:
        fields["key"] = "".join(key) if isinstance(key, list) else key or ""
    return fields


def as_text(content: Mapping[str, Any]) -> str:
    """An item's content as JSON text, which is YAML too, for the field in which it is written as text."""
    return json.dumps(content, ensure_ascii=False, indent=2)


def _text(given: Mapping[str, Any], name: str) -> str:
    return str(given.get(name) or "").strip()


def _lines(given: Mapping[str, Any], name: str) -> list[str]:
    return [line.strip() for line in _text(given, name).splitlines() if line.strip()]


def _bilingual(given: Mapping[str, Any], name: str) -> dict[str, str]:
    english = _text(given, f"{name}_en")
    text = {"zh": _text(given, name).replace("\r\n", "\n")}
    return {**text, "en": english} if english else text


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() else text


def _citation(line: str) -> dict[str, str]:
    act, _, article = line.partition(" ")
    return {"act": act, "article": article.strip()}


def _rubric_line(number: int, line: str) -> dict[str, Any]:
    criterion, _, points = line.replace("｜", "|").rpartition("|")
    return {
        "id": f"r{number}",
        "criterion": {"zh": criterion.strip()},
        "points": _number(points.strip()),
        "levels": [],
    }
