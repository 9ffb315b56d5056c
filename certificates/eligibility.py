"""Whether a person may be issued a certificate: hours, result and identity judged by the edition's rule."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

from certificates.catalogue import sentence
from certificates.facts import CertificateKind


@dataclass(frozen=True, slots=True)
class EditionRule:
    """What a syllabus edition asks for a certificate of one kind.

    ``minutes_by_module``: required minutes for each module code. ``pass_mark``: of the whole assessment, None when the
    kind asks for no result. ``pass_mark_by_module``: marks that each module must reach alone, for those that have one.
    """

    kind: CertificateKind
    minutes_by_module: Mapping[str, int]
    pass_mark: Decimal | None = None
    pass_mark_by_module: Mapping[str, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind is CertificateKind.HOURS and (self.pass_mark is not None or self.pass_mark_by_module):
            raise ValueError("a statement of hours asks for no result")
        if self.kind is CertificateKind.LEVEL and self.pass_mark is None:
            raise ValueError("a level certificate asks for a result")
        if any(minutes < 0 for minutes in self.minutes_by_module.values()):
            raise ValueError("required minutes are never negative")


@dataclass(frozen=True, slots=True)
class AssessedResult:
    """A released result: score of the whole and of each module on the edition's scale; ``released`` by two people."""

    score: Decimal
    score_by_module: Mapping[str, Decimal]
    released: bool
    under_appeal: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the person stands outside hours and result.

    ``identity_confirmed``: the identity document was checked. ``english_name_needed``: the paper carries English.
    ``already_issued``: the number of a certificate for the same enrolment that still stands.
    """

    identity_confirmed: bool
    english_name_needed: bool = True
    english_name_confirmed: bool = False
    session_ended: bool = True
    already_issued: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that stands in the way, with its numbers: ``slug`` for programs, ``facts`` for the sentence."""

    slug: str
    facts: Mapping[str, str | int]

    MESSAGES: ClassVar[Mapping[str, str]] = {
        "session-not-ended": "The course session has not ended.",
        "identity-not-confirmed": "The identity document has not been checked.",
        "english-name-not-confirmed": "The holder has not confirmed the English spelling of the name.",
        "already-issued": "Certificate {number} has already been issued for this enrolment.",
        "minutes-missing": "Module {module}: {missing} minutes are missing ({credited} of {required}).",
        "result-missing": "There is no result of the assessment.",
        "result-not-released": "The result has not been released.",
        "result-under-appeal": "The result is under appeal.",
        "below-pass-mark": "The score {score} is {missing} below the pass mark {pass_mark}.",
        "module-result-missing": "Module {module}: there is no result.",
        "module-below-pass-mark": "Module {module}: the score {score} is {missing} below the pass mark {pass_mark}.",
    }

    def sentence(self, language: str = "en") -> str:
        """The reason as one sentence in the reader's language."""
        return sentence(self.MESSAGES[self.slug], language, **self.facts)


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The judgement: eligible exactly when no reason stands in the way."""

    reasons: tuple[Reason, ...]

    @property
    def eligible(self) -> bool:
        """Whether a certificate may be proposed for the issuing list (it is not yet issued by this)."""
        return not self.reasons


def exact(number: Decimal) -> str:
    """A mark as exact text without trailing zeros: 86.50 becomes 86.5, 60 stays 60."""
    text = format(number.normalize(), "f")
    return "0" if text == "-0" else text


def judge(
    rule: EditionRule, minutes_by_module: Mapping[str, int], result: AssessedResult | None, standing: Standing
) -> Eligibility:
    """Judge one person by one rule; every reason is found, not only the first, in a fixed order.

    ``minutes_by_module`` are the minutes credited in the ledger by module code; modules the rule does not name count for
    nothing.
    """
    reasons: list[Reason] = []

    def note(slug: str, **facts: str | int) -> None:
        reasons.append(Reason(slug, facts))

    if not standing.session_ended:
        note("session-not-ended")
    if not standing.identity_confirmed:
        note("identity-not-confirmed")
    if standing.english_name_needed and not standing.english_name_confirmed:
        note("english-name-not-confirmed")
    if standing.already_issued is not None:
        note("already-issued", number=standing.already_issued)
    for module, required in rule.minutes_by_module.items():
        credited = minutes_by_module.get(module, 0)
        if credited < required:
            note("minutes-missing", module=module, required=required, credited=credited, missing=required - credited)
    if rule.pass_mark is not None or rule.pass_mark_by_module:
        reasons += _reasons_of_result(rule, result)
    return Eligibility(tuple(reasons))


def _reasons_of_result(rule: EditionRule, result: AssessedResult | None) -> list[Reason]:
    if result is None:
        return [Reason("result-missing", {})]
    if not result.released:
        # Nothing more is said: numbers of an unreleased result must not leak through a list of reasons.
        return [Reason("result-not-released", {})]
    reasons: list[Reason] = []
    if result.under_appeal:
        reasons.append(Reason("result-under-appeal", {}))
    if rule.pass_mark is not None and result.score < rule.pass_mark:
        reasons.append(Reason("below-pass-mark", _shortfall(result.score, rule.pass_mark)))
    for module, pass_mark in rule.pass_mark_by_module.items():
        score = result.score_by_module.get(module)
        if score is None:
            reasons.append(Reason("module-result-missing", {"module": module}))
        elif score < pass_mark:
            reasons.append(Reason("module-below-pass-mark", {"module": module, **_shortfall(score, pass_mark)}))
    return reasons


def _shortfall(score: Decimal, pass_mark: Decimal) -> dict[str, str]:
    return {"score": exact(score), "pass_mark": exact(pass_mark), "missing": exact(pass_mark - score)}
