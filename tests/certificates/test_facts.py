"""The frozen facts: their schema, their digest, and what they refuse."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from certificates.facts import CertificateFacts, CertificateKind, MaskedDocument
from certificates.refusals import DuplicateMember, FactsUnreadable
from certificates.samples import sample_facts

names = st.text(
    st.characters(codec="utf-8", categories=("Lu", "Ll", "Lo"), include_characters="· "), min_size=1, max_size=40
).filter(lambda name: name == name.strip() and name)


@pytest.mark.parametrize("kind", list(CertificateKind))
def test_facts_survive_writing_and_reading(kind: CertificateKind) -> None:
    facts = sample_facts(kind)
    again = CertificateFacts.from_json(facts.to_json())
    assert again == facts
    assert again.to_json() == facts.to_json()


@settings(deadline=None)
@given(names)
def test_digest_does_not_depend_on_spelling(name: str) -> None:
    facts = sample_facts(name_zh=name)
    shuffled = json.dumps(dict(reversed(list(facts.to_data().items()))), indent=3, ensure_ascii=True)
    assert CertificateFacts.from_json(shuffled).digest == facts.digest


def test_digest_of_the_sample_stays_what_it_was() -> None:
    # The schema is final: a change of this figure means certificates already issued would no longer match their digest.
    assert sample_facts().digest == "169529bbff1669503e07e7d6bb3e6ba750988c167ab8e08cf61e89df341b76b0"


def test_an_absent_member_and_a_null_member_are_the_same_facts(facts: CertificateFacts) -> None:
    data = facts.to_data()
    assert "valid_until" not in data
    assert CertificateFacts.from_data({**data, "valid_until": None}).digest == facts.digest


def test_facts_cannot_be_changed(facts: CertificateFacts) -> None:
    with pytest.raises(ValidationError):
        facts.number = "JSJL-07-2026-000129-Y"  # type: ignore[misc]


def _set(*path: str | int, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        target: Any = data
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "place", "reason"),
    [
        (_set("extra", value=1), "/extra", "not a member"),
        (_set("holder", "id_number", value="1"), "/holder/id_number", "not a member"),
        (_set("schema_version", value=2), "/schema_version", "values known"),
        (_set("number", value="JSJL-07-2026-000128-1"), "/number", "typing error"),
        (_set("number", value="jsjl-07-2026-000128-0"), "/number", "printed form"),
        (_set("base", "code", value="08"), "/", "another base"),
        (
            _set("base", "register_entry", "verified", value="yes"),
            "/base/register_entry/verified",
            "neither true nor false",
        ),
        (_set("awarded_on", value="2025-10-12"), "/", "year"),
        (_set("awarded_on", value="2026-13-12"), "/awarded_on", "not a date"),
        (_set("valid_from", value="2026-10-11"), "/", "before it was awarded"),
        (_set("valid_until", value="2026-10-11"), "/", "expires before"),
        (_set("check_code", value="7K3M-9QXA-42TE"), "/", "another certificate"),
        (_set("check_code", value="7k3m9qxa42td"), "/check_code", "printed form"),
        (_set("holder", "name_zh", value=""), "/holder/name_zh", "empty"),
        (_set("holder", "name_zh", value=" 林"), "/holder/name_zh", "space"),
        (_set("holder", "name_zh", value="林\u202e远"), "/holder/name_zh", "hidden"),
        (_set("holder", "name_zh", value="林" * 101), "/holder/name_zh", "too long"),
        (_set("holder", "name_en", value=None), "/holder", "confirmed"),
        (
            _set("holder", "identity_document", "masked", value="310101199001010029"),
            "/holder/identity_document/masked",
            "masked",
        ),
        (_set("title_zh", value="证书 11010519491231002X"), "/", "identity number"),
        (_set("hours", "minutes", value=5401), "/hours", "add up"),
        (_set("hours", "modules", 0, "periods", value="17"), "/hours", "do not fit"),
        (_set("hours", "periods", value="124"), "/hours", "do not fit"),
        (_set("hours", "modules", 1, "code", value="public-knowledge"), "/hours", "twice"),
        (_set("result", "score", value="86.50"), "/result/score", "form"),
        (_set("result", "score", value=86.5), "/result/score", "not text"),
        (_set("result", "score", value="59"), "/result", "below the pass mark"),
        (_set("result", "score", value="101"), "/result", "full mark"),
        (_set("result", "passed", value=False), "/", "failed"),
        (_set("result", value=None), "/", "level and a result"),
        (_set("course_session", "ends_on", value="2026-09-01"), "/course_session", "ends before"),
        (_set("issuer", "uscc", value="91110000000000000X"), "/issuer/uscc", "social credit"),
        (_set("kind", value="hours"), "/", "no result"),
        (_set("kind", value="diploma"), "/kind", "values known"),
    ],
)
def test_facts_that_do_not_hang_together_are_refused_at_their_place(
    facts: CertificateFacts, change: Callable[[dict[str, Any]], None], place: str, reason: str
) -> None:
    data = facts.to_data()
    change(data)
    with pytest.raises(FactsUnreadable) as refused:
        CertificateFacts.from_data(data)
    assert refused.value.facts["place"] == place
    assert reason in str(refused.value.facts["reason"])


def test_an_unverified_base_issues_specimens_only(facts: CertificateFacts) -> None:
    data = facts.to_data()
    data["base"]["register_entry"]["verified"] = False
    assert CertificateFacts.from_data(data).specimen
    with pytest.raises(FactsUnreadable, match="specimens only"):
        CertificateFacts.from_data({**data, "specimen": False})


def test_a_member_given_twice_is_refused(facts: CertificateFacts) -> None:
    twice = facts.to_json().replace(b'"issue":1', b'"issue":1,"issue":2')
    with pytest.raises(DuplicateMember):
        CertificateFacts.from_json(twice)


def test_an_unconfirmed_english_name_is_not_printed(facts: CertificateFacts) -> None:
    unconfirmed = facts.holder.model_copy(update={"name_en_confirmed": False})
    assert unconfirmed.printed_name_en == facts.holder.name_zh
    assert facts.holder.printed_name_en == "Lin Zhiyuan"


def test_masked_number_shows_little() -> None:
    for masked in ("31010119900101002X", "***", "310101****01002X"):
        with pytest.raises(ValidationError):
            MaskedDocument(type="resident-card", type_zh="身份证", type_en="ID card", masked=masked)


def test_dates_are_days_without_time(facts: CertificateFacts) -> None:
    assert facts.awarded_on == date(2026, 10, 12)
    with pytest.raises(FactsUnreadable, match="not a date"):
        CertificateFacts.from_data({**facts.to_data(), "awarded_on": "2026-10-12T10:00:00"})
