"""Whether a person may be issued a certificate."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certificates.eligibility import AssessedResult, EditionRule, Reason, Standing, exact, judge
from certificates.facts import CertificateKind

RULE = EditionRule(
    CertificateKind.LEVEL,
    {"public": 720, "law": 1080},
    pass_mark=Decimal(60),
    pass_mark_by_module={"law": Decimal(50)},
)
HOURS = {"public": 720, "law": 1080, "other": 9999}
RESULT = AssessedResult(Decimal("86.50"), {"law": Decimal(70)}, released=True)
STANDING = Standing(identity_confirmed=True, english_name_confirmed=True)


def _slugs(*arguments: object) -> list[str]:
    return [reason.slug for reason in judge(*arguments).reasons]  # type: ignore[arg-type]


def test_hours_and_result_reached_make_eligible() -> None:
    assert judge(RULE, HOURS, RESULT, STANDING).eligible


def test_every_reason_is_found_with_its_numbers() -> None:
    result = AssessedResult(Decimal("59.5"), {"law": Decimal("49.25")}, released=True, under_appeal=True)
    standing = Standing(identity_confirmed=False, session_ended=False, already_issued="JSJL-07-2026-000128-0")
    judged = judge(RULE, {"public": 700}, result, standing)
    assert not judged.eligible
    assert [(reason.slug, dict(reason.facts)) for reason in judged.reasons] == [
        ("session-not-ended", {}),
        ("identity-not-confirmed", {}),
        ("english-name-not-confirmed", {}),
        ("already-issued", {"number": "JSJL-07-2026-000128-0"}),
        ("minutes-missing", {"module": "public", "required": 720, "credited": 700, "missing": 20}),
        ("minutes-missing", {"module": "law", "required": 1080, "credited": 0, "missing": 1080}),
        ("result-under-appeal", {}),
        ("below-pass-mark", {"score": "59.5", "pass_mark": "60", "missing": "0.5"}),
        ("module-below-pass-mark", {"module": "law", "score": "49.25", "pass_mark": "50", "missing": "0.75"}),
    ]
    assert judged.reasons[4].sentence("en") == "Module public: 20 minutes are missing (700 of 720)."
    assert judged.reasons[4].sentence("zh") == "模块 public 还缺 20 分钟（已计 700 分钟，应有 720 分钟）。"


def test_missing_result_is_a_reason_only_where_one_is_asked() -> None:
    assert _slugs(RULE, HOURS, None, STANDING) == ["result-missing"]
    hours_only = EditionRule(CertificateKind.HOURS, {"public": 720})
    assert _slugs(hours_only, HOURS, None, STANDING) == []
    completion = EditionRule(CertificateKind.COMPLETION, {"public": 720})
    assert _slugs(completion, HOURS, None, STANDING) == []


def test_an_unreleased_result_leaks_no_number() -> None:
    hidden = AssessedResult(Decimal(10), {}, released=False)
    (reason,) = judge(RULE, HOURS, hidden, STANDING).reasons
    assert (reason.slug, dict(reason.facts)) == ("result-not-released", {})


def test_module_without_result_is_named() -> None:
    partial = AssessedResult(Decimal(90), {}, released=True)
    assert _slugs(RULE, HOURS, partial, STANDING) == ["module-result-missing"]


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["public", "law"]), st.integers(0, 3000)), st.integers(0, 1000))
def test_eligible_exactly_when_nothing_is_missing_and_more_never_harms(hours: dict[str, int], more: int) -> None:
    judged = judge(RULE, hours, RESULT, STANDING)
    assert judged.eligible == (hours.get("public", 0) >= 720 and hours.get("law", 0) >= 1080)
    richer = {module: hours.get(module, 0) + more for module in ("public", "law")}
    assert len(judge(RULE, richer, RESULT, STANDING).reasons) <= len(judged.reasons)


@settings(deadline=None)
@given(st.decimals(0, 100, places=2))
def test_the_pass_mark_itself_passes(score: Decimal) -> None:
    result = AssessedResult(score, {"law": Decimal(50)}, released=True)
    assert judge(RULE, HOURS, result, STANDING).eligible == (score >= 60)


@pytest.mark.parametrize(
    ("number", "text"), [("86.50", "86.5"), ("60", "60"), ("100", "100"), ("0.00", "0"), ("-0", "0"), ("1E+2", "100")]
)
def test_marks_are_written_exactly(number: str, text: str) -> None:
    assert exact(Decimal(number)) == text


def test_every_reason_has_both_sentences() -> None:
    facts = {"number": "N", "module": "M", "missing": 1, "credited": 2, "required": 3, "score": "4", "pass_mark": "5"}
    for slug in Reason.MESSAGES:
        reason = Reason(slug, facts)
        assert reason.sentence("zh") != reason.sentence("en")


def test_rules_that_mix_the_kinds_are_mistakes() -> None:
    with pytest.raises(ValueError, match="no result"):
        EditionRule(CertificateKind.HOURS, {}, pass_mark=Decimal(60))
    with pytest.raises(ValueError, match="asks for a result"):
        EditionRule(CertificateKind.LEVEL, {})
    with pytest.raises(ValueError, match="negative"):
        EditionRule(CertificateKind.COMPLETION, {"public": -1})
