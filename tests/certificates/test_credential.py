"""Credentials composed from facts."""

import json

import pytest

from certificates.canonical import canonical
from certificates.credential import CONTEXTS, compose, content_digest, is_specimen
from certificates.facts import CertificateFacts, CertificateKind
from certificates.keys import Ed25519Signer
from certificates.proofs import secured
from certificates.refusals import IdentityNumberFound
from certificates.samples import sample_facts
from certificates.status import StatusEntry
from tests.certificates.conftest import NOW

LIST = "https://certificates.example/bases/b07/status/revocation"


def test_credential_says_who_what_when_and_with_which_result(facts: CertificateFacts) -> None:
    credential = compose(facts, [StatusEntry(LIST, 4711)])
    subject = credential["credentialSubject"]
    assert credential["@context"] == list(CONTEXTS)
    assert credential["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert credential["issuer"]["id"] == "did:web:certificates.example:bases:b07"
    assert credential["validFrom"] == credential["awardedDate"] == "2026-10-12T00:00:00+08:00"
    assert "validUntil" not in credential
    assert credential["credentialStatus"]["statusListIndex"] == "4711"
    assert subject["name"] == "林知远 / Lin Zhiyuan"
    assert subject["licenseNumber"] == facts.number
    assert subject["creditsEarned"] == 120
    assert [unit["targetCode"] for unit in subject["achievement"]["alignment"]] == ["U1", "U2", "U3", "U4"]
    results = {result["resultDescription"].partition("#")[2]: result["value"] for result in subject["result"]}
    assert results["score"] == "86.5"
    assert results["minutes-practical-skills"] == "2520"
    described = {description["id"] for description in subject["achievement"]["resultDescription"]}
    assert {result["resultDescription"] for result in subject["result"]} == described


def test_credential_expires_at_the_end_of_its_last_day_in_china(facts: CertificateFacts) -> None:
    limited = CertificateFacts.from_data({**facts.to_data(), "valid_until": "2029-10-11"})
    assert compose(limited)["validUntil"] == "2029-10-11T23:59:59+08:00"


@pytest.mark.parametrize("kind", list(CertificateKind))
def test_credential_never_carries_the_identity_document(kind: CertificateKind) -> None:
    facts = sample_facts(kind)
    assert facts.holder.identity_document is not None
    written = canonical(compose(facts)).decode()
    assert facts.holder.identity_document.masked not in written
    assert "***" not in written
    assert facts.check_code not in written


def test_an_identity_number_in_any_text_stops_the_credential(facts: CertificateFacts) -> None:
    # Built past the facts' own check, as a later mistake might.
    course = facts.course_session.model_copy(update={"title_zh": "培训班 11010519491231002X"})
    with pytest.raises(IdentityNumberFound) as refused:
        compose(facts.model_copy(update={"course_session": course}))
    assert refused.value.facts["place"] == "/credentialSubject/term"


def test_hours_statement_has_no_scores() -> None:
    credential = compose(sample_facts(CertificateKind.HOURS))
    names = {result["resultDescription"].partition("#")[2] for result in credential["credentialSubject"]["result"]}
    assert all(name.startswith("minutes-") for name in names)
    assert "alignment" not in credential["credentialSubject"]["achievement"]


def test_unconfirmed_english_name_is_left_out(facts: CertificateFacts) -> None:
    holder = facts.holder.model_copy(update={"name_en_confirmed": False})
    assert compose(facts.model_copy(update={"holder": holder}))["credentialSubject"]["name"] == "林知远"


def test_a_specimen_says_so_and_a_true_one_does_not() -> None:
    specimen, true = compose(sample_facts()), compose(sample_facts(specimen=False))
    assert is_specimen(specimen)
    assert "certifies nothing" in specimen["description"]
    assert not is_specimen(true)
    assert "description" not in true


def test_content_digest_ignores_the_proof_and_nothing_else(facts: CertificateFacts, signer: Ed25519Signer) -> None:
    credential = compose(facts)
    assert content_digest(secured(credential, signer, NOW)) == content_digest(credential)
    assert content_digest({**credential, "name": "x"}) != content_digest(credential)


def test_same_facts_compose_the_same_bytes(facts: CertificateFacts) -> None:
    assert canonical(compose(facts)) == canonical(compose(CertificateFacts.from_json(facts.to_json())))
    json.dumps(compose(facts), allow_nan=False)


def test_several_status_entries_make_a_list(facts: CertificateFacts) -> None:
    entries = [StatusEntry(LIST, 1), StatusEntry(LIST, 1, "suspension")]
    assert len(compose(facts, entries)["credentialStatus"]) == 2
