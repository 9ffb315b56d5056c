"""Who may be issued what: a syllabus's rule for each kind, judged over stored evidence, with every reason that hinders."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

from certificates.canonical import digest
from certificates.eligibility import AssessedResult, EditionRule, Reason, Standing, exact, judge
from certificates.facts import CertificateKind
from curricula.editions import Syllabus
from service.foundation.language import current_language, gettext, later, said, sentence

KIND_TITLES = {
    CertificateKind.LEVEL.value: later("Certificate of competence level"),
    CertificateKind.COMPLETION.value: later("Certificate of completion"),
    CertificateKind.HOURS.value: later("Statement of training hours"),
}

OWN_REASONS = {
    "no-hours": later("No training hours are on record."),
    "total-minutes-missing": later("%(missing)s minutes are missing in all (%(credited)s of %(required)s)."),
    "required-course-missed": later("The required course “%(course)s” was not attended."),
    "result-not-passed": later("The assessment was not passed."),
}


@dataclass(frozen=True)
class ResultEvidence:
    """A released result as evidence: exact marks as text (`83`, `251/3`), by module {points, earned}."""

    result_id: str
    digest: str
    score: str
    full_marks: int
    passed: bool
    held_on: str
    by_module: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Evidence:
    """What a judgement rests on: minutes by module, courses attended, the released result, where the person stands."""

    minutes: Mapping[str, int]
    courses_attended: tuple[str, ...]
    result: ResultEvidence | None
    identity_document_id: str | None
    english_name_confirmed: bool
    session_ended: bool
    already_issued: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The evidence as JSON values, ids and numbers only: what the list keeps and its digest covers."""
        result = None
        if self.result is not None:
            result = {
                "result_id": self.result.result_id,
                "digest": self.result.digest,
                "score": self.result.score,
                "full_marks": self.result.full_marks,
                "passed": self.result.passed,
                "held_on": self.result.held_on,
                "by_module": {module: dict(marks) for module, marks in self.result.by_module.items()},
            }
        return {
            "minutes": dict(self.minutes),
            "courses_attended": sorted(self.courses_attended),
            "result": result,
            "identity_document_id": self.identity_document_id,
            "english_name_confirmed": self.english_name_confirmed,
            "session_ended": self.session_ended,
            "already_issued": self.already_issued,
        }


@dataclass(frozen=True)
class Judgement:
    """Whether a certificate may be proposed, and every reason against it as {slug, facts}."""

    reasons: list[dict[str, Any]] = field(default_factory=list)

    @property
    def eligible(self) -> bool:
        """Eligible exactly when no reason stands in the way."""
        return not self.reasons


def hundredths(value: Fraction) -> Decimal:
    """A mark rounded down to a hundredth: both score and pass mark go the same way, so a passed score never shows below."""
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.01"), rounding=ROUND_FLOOR)


def shown(value: Fraction) -> str:
    """A mark as exact text for paper, `86.5`."""
    return exact(hundredths(value))


def pass_mark_of(syllabus: Syllabus, full_marks: int) -> Fraction:
    """The syllabus's pass mark on the scale of this assessment."""
    return syllabus.pass_mark * full_marks


def rule_of(syllabus: Syllabus, kind: CertificateKind, full_marks: int | None) -> EditionRule:
    """The edition's rule for a kind: a statement of hours asks for nothing but hours, a completion for hours alone."""
    if kind is CertificateKind.HOURS:
        return EditionRule(kind, {})
    if kind is CertificateKind.COMPLETION:
        return EditionRule(kind, syllabus.minimum_minutes())
    mark = hundredths(pass_mark_of(syllabus, full_marks if full_marks is not None else 100))
    return EditionRule(kind, syllabus.minimum_minutes(), pass_mark=mark)


def judged(syllabus: Syllabus, kind: CertificateKind, evidence: Evidence) -> Judgement:
    """Judge one enrolment by its syllabus; every reason is found, in a fixed order."""
    result = evidence.result
    assessed = None
    if result is not None:
        assessed = AssessedResult(score=hundredths(Fraction(result.score)), score_by_module={}, released=True)
    standing = Standing(
        identity_confirmed=evidence.identity_document_id is not None,
        english_name_confirmed=evidence.english_name_confirmed,
        session_ended=evidence.session_ended,
        already_issued=evidence.already_issued,
    )
    rule = rule_of(syllabus, kind, result.full_marks if result else None)
    found = [
        {"slug": one.slug, "facts": dict(one.facts)}
        for one in judge(rule, evidence.minutes, assessed, standing).reasons
    ]
    slugs = {one["slug"] for one in found}
    total = sum(evidence.minutes.get(module.id, 0) for module in syllabus.modules)
    if kind is CertificateKind.HOURS:
        return Judgement(found if total else [*found, {"slug": "no-hours", "facts": {}}])
    required = syllabus.total_minimum_minutes()
    if total < required and "minutes-missing" not in slugs:
        facts = {"missing": required - total, "credited": total, "required": required}
        found.append({"slug": "total-minutes-missing", "facts": facts})
    for _, course in syllabus.courses():
        if course.required and course.id not in evidence.courses_attended:
            found.append({"slug": "required-course-missed", "facts": {"course": course.id}})
    if kind is CertificateKind.LEVEL and result is not None and not result.passed and "below-pass-mark" not in slugs:
        found.append({"slug": "result-not-passed", "facts": {}})
    return Judgement(found)


def reason_sentence(reason: Mapping[str, Any], syllabus: Syllabus | None = None) -> str:
    """A kept reason as a sentence in the reader's language; modules and courses by their titles."""
    facts = dict(reason["facts"])
    if syllabus is not None:
        titles = {one.id: one.title.to_json() for one in syllabus.modules}
        titles |= {course.id: course.title.to_json() for _, course in syllabus.courses()}
        for place in ("module", "course"):
            if facts.get(place) in titles:
                facts[place] = said(titles[facts[place]])
    if reason["slug"] in OWN_REASONS:
        return sentence(OWN_REASONS[reason["slug"]], facts)
    if reason["slug"] in Reason.MESSAGES:
        return Reason(reason["slug"], facts).sentence(current_language())
    return gettext(str(reason["slug"]))


def list_digest(session_id: object, kind: str, entries: list[dict[str, Any]]) -> str:
    """SHA-256 over what the decider approves: session, kind, and each entry's person, verdict, reasons and evidence."""
    rows = sorted(entries, key=lambda one: str(one["enrolment_id"]))
    return digest({"course_session": str(session_id), "kind": kind, "entries": rows})
