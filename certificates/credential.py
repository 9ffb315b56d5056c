"""Credentials composed from facts: W3C Verifiable Credentials 2.0 in the shape of Open Badges 3.0."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from certificates.canonical import Json, digest
from certificates.facts import CertificateFacts, CertificateKind, Competence, ModuleHours, ModuleResult, Result
from certificates.refusals import IdentityNumberFound
from certificates.status import StatusEntry
from certificates.text import holds_identity_number, strings_in

CONTEXTS = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
)
TYPES = ("VerifiableCredential", "OpenBadgeCredential")
SPECIMEN_MARK = "SPECIMEN 样章"

_ACHIEVEMENT_TYPES = {
    CertificateKind.COMPLETION: "CertificateOfCompletion",
    CertificateKind.LEVEL: "Certificate",
    CertificateKind.HOURS: "Course",
}


def start_of_day(day: date) -> str:
    """The first moment of a day in China, as XML Schema dateTime."""
    return f"{day.isoformat()}T00:00:00+08:00"


def end_of_day(day: date) -> str:
    """The last second of a day in China, as XML Schema dateTime."""
    return f"{day.isoformat()}T23:59:59+08:00"


def compose(facts: CertificateFacts, status: Sequence[StatusEntry] = ()) -> Json:
    """The unsecured credential of these facts, to be signed by the issuer named in them.

    ``status`` are the places in the issuer's status lists; one gives an object (Open Badges 3.0 allows one), several a
    list, none leaves the member out. The identity document is never carried, masked or not; IdentityNumberFound when a
    number stands in any other text.
    """
    name = f"{facts.title_zh} {facts.title_en}"
    credential: Json = {
        "@context": list(CONTEXTS),
        "id": facts.credential_id,
        "type": list(TYPES),
        "name": f"{SPECIMEN_MARK} · {name}" if facts.specimen else name,
        "issuer": _issuer(facts),
        "awardedDate": start_of_day(facts.awarded_on),
        "validFrom": start_of_day(facts.valid_from),
        "credentialSubject": _subject(facts),
    }
    if facts.specimen:
        credential["description"] = (
            f"{SPECIMEN_MARK}: made for demonstration, it certifies nothing. 仅供演示，不具证明效力。"
        )
    if facts.valid_until is not None:
        credential["validUntil"] = end_of_day(facts.valid_until)
    if status:
        entries = [entry.to_data() for entry in status]
        credential["credentialStatus"] = entries[0] if len(entries) == 1 else entries
    for place, text in strings_in({**credential, "issuer": None}):
        if holds_identity_number(text):
            raise IdentityNumberFound(place=place)
    return credential


def is_specimen(credential: Json) -> bool:
    """Whether a credential made by ``compose`` is a specimen."""
    name = credential.get("name")
    return isinstance(name, str) and name.startswith(SPECIMEN_MARK)


def content_digest(credential: Json) -> str:
    """SHA-256 of the canonical form of all but ``proof``: what the issuer keeps to know its own credential again.

    A wallet may wrap the proof anew; anything else that differs is another content.
    """
    return digest({name: value for name, value in credential.items() if name != "proof"})


def _issuer(facts: CertificateFacts) -> Json:
    issuer: Json = {
        "id": facts.issuer.did,
        "type": ["Profile"],
        "name": f"{facts.issuer.name_zh} {facts.issuer.name_en}",
    }
    if facts.issuer.uscc is not None:
        issuer["otherIdentifier"] = [
            {"type": "IdentifierEntry", "identifier": facts.issuer.uscc, "identifierType": "ext:USCC"}
        ]
    return issuer


def _subject(facts: CertificateFacts) -> Json:
    holder = facts.holder
    shown = [holder.name_zh]
    if holder.name_en is not None and holder.name_en_confirmed and holder.name_en != holder.name_zh:
        shown.append(holder.name_en)
    return {
        "type": ["AchievementSubject"],
        "name": " / ".join(shown),
        "licenseNumber": facts.number,
        "activityStartDate": start_of_day(facts.course_session.starts_on),
        "activityEndDate": end_of_day(facts.course_session.ends_on),
        "term": f"{facts.course_session.code} {facts.course_session.title_zh} {facts.course_session.title_en}",
        "creditsEarned": _plain_number(facts.hours.periods),
        "achievement": _achievement(facts),
        "result": _results(facts),
    }


def _achievement(facts: CertificateFacts) -> Json:
    edition = facts.edition
    names = [edition.scheme_zh, edition.scheme_en]
    if edition.level is not None:
        names += [edition.level.title_zh, edition.level.title_en]
    achievement: Json = {
        "id": f"{facts.credential_id}#achievement",
        "type": ["Achievement"],
        "achievementType": _ACHIEVEMENT_TYPES[facts.kind],
        "name": f"{facts.title_zh} {facts.title_en}",
        "description": " · ".join(names),
        "version": edition.version,
        "humanCode": edition.scheme_code if edition.level is None else f"{edition.scheme_code}:{edition.level.code}",
        "inLanguage": facts.languages[0],
        "criteria": {"narrative": _criteria(facts)},
        "creator": {
            "id": f"urn:base:{facts.base.code}",
            "type": ["Profile"],
            "name": f"{facts.base.name_zh} {facts.base.name_en}",
        },
        "resultDescription": _result_descriptions(facts),
    }
    if facts.competence is not None:
        achievement["alignment"] = _alignments(facts.competence)
    return achievement


def _criteria(facts: CertificateFacts) -> str:
    edition = facts.edition
    return (
        f"Edition {edition.scheme_code} {edition.version}, SHA-256 {edition.digest}. "
        f"One period is {facts.hours.minutes_per_period} minutes. "
        f"Base {facts.base.code} as listed in this service's register on "
        f"{facts.base.register_entry.listed_on.isoformat()}, source: {facts.base.register_entry.source}."
    )


def _alignments(competence: Competence) -> list[Json]:
    return [
        {
            "type": ["Alignment"],
            "targetCode": unit.code,
            "targetName": f"{unit.title_zh} {unit.title_en}",
            "targetFramework": f"{competence.title_zh} {competence.title_en} {competence.standard_version}",
            "targetType": "ext:CompetenceUnit",
            "targetUrl": f"urn:competence:{competence.standard_code}:{competence.standard_version}:{unit.code}",
        }
        for unit in competence.units
    ]


def _result_id(facts: CertificateFacts, what: str) -> str:
    return f"{facts.credential_id}#{what}"


def _result_descriptions(facts: CertificateFacts) -> list[Json]:
    described = [_hours_description(facts, module) for module in facts.hours.modules]
    if facts.result is not None:
        described.append(_score_description(facts, facts.result, "score", "总成绩 Overall score"))
        described += [
            _score_description(facts, module, f"score-{module.code}", f"{module.title_zh} {module.title_en}")
            for module in facts.result.modules
        ]
    return described


def _hours_description(facts: CertificateFacts, module: ModuleHours) -> Json:
    return {
        "id": _result_id(facts, f"minutes-{module.code}"),
        "type": ["ResultDescription"],
        "name": f"{module.title_zh} {module.title_en}",
        "resultType": "ext:TrainingMinutes",
    }


def _score_description(facts: CertificateFacts, result: Result | ModuleResult, what: str, name: str) -> Json:
    description: Json = {
        "id": _result_id(facts, what),
        "type": ["ResultDescription"],
        "name": name,
        "resultType": "RawScore",
        "valueMin": "0",
        "valueMax": result.full_mark,
    }
    if result.pass_mark is not None:
        description["requiredValue"] = result.pass_mark
    return description


def _results(facts: CertificateFacts) -> list[Json]:
    results: list[Json] = [
        {
            "type": ["Result"],
            "resultDescription": _result_id(facts, f"minutes-{module.code}"),
            "value": str(module.minutes),
        }
        for module in facts.hours.modules
    ]
    if facts.result is not None:
        scored: list[tuple[str, Result | ModuleResult]] = [("score", facts.result)]
        scored += [(f"score-{module.code}", module) for module in facts.result.modules]
        results += [
            {
                "type": ["Result"],
                "resultDescription": _result_id(facts, what),
                "value": result.score,
                "status": "Completed" if result.passed else "Failed",
            }
            for what, result in scored
        ]
    return results


def _plain_number(exact: str) -> Any:
    """Credits are a JSON number in Open Badges; whole ones stay whole."""
    number = Decimal(exact)
    return int(number) if number == number.to_integral_value() else float(number)
