"""What a correction may change: the facts of a later version from those of the earlier and what is on record now."""

from collections.abc import Callable
from typing import Any

from certificates.facts import CertificateFacts, Holder
from service.foundation.language import later

ENGLISH_NAME, CHANGED_NAME, WRONG_FACT, REPRINT = "english_name", "changed_name", "wrong_fact", "reprint"

KIND_TITLES = {
    ENGLISH_NAME: later("The English spelling of the name was confirmed wrongly"),
    CHANGED_NAME: later("The name has changed, with a new identity document"),
    WRONG_FACT: later("A fact on the certificate is wrong"),
    REPRINT: later("The paper is lost or damaged"),
}

KIND_HINTS = {
    ENGLISH_NAME: later("You confirm the right spelling here. It is printed as you confirm it."),
    CHANGED_NAME: later("The base must see the new document and enter the new name first."),
    WRONG_FACT: later("The base corrects its records first; the certificate is then made from them."),
    REPRINT: later("The certificate stays as it is. A new paper with its own check code is made."),
}

STATE_TITLES = {
    "requested": later("With the base"),
    "proposed": later("Waiting for a decision"),
    "done": later("Done"),
    "refused": later("Refused"),
    "withdrawn": later("Withdrawn"),
    "overtaken": later("Closed: the certificate was revoked"),
}

STATE_CHIPS = {
    "requested": "pending",
    "proposed": "pending",
    "done": "ok",
    "refused": "closed",
    "withdrawn": "closed",
    "overtaken": "err",
}

OF_THE_PAPER = ("issue", "check_code", "verification_address", "credential_id")
"""Members that differ between two papers of the same content."""

OF_THE_AWARD = ("number", "awarded_on", "valid_from", "valid_until", "specimen", "languages", "signatories")
"""Members that no correction changes, whatever the records say now."""


def content_of(facts: CertificateFacts) -> dict[str, Any]:
    """What a certificate says, without what every new paper has of its own."""
    return {name: value for name, value in facts.to_data().items() if name not in OF_THE_PAPER}


def with_holder(before: CertificateFacts, holder: Holder) -> dict[str, Any]:
    """The earlier facts with the holder as on record now; nothing else moves."""
    return {**before.to_data(), "holder": holder.model_dump(mode="json", exclude_none=True)}


def with_records(before: CertificateFacts, now: CertificateFacts) -> dict[str, Any]:
    """The facts as the records give them now; what belongs to the award and to its day stays as it was.

    A specimen stays one, and what the register said of the base on the day of the award is not rewritten.
    """
    earlier, data = before.to_data(), now.to_data()
    for name in OF_THE_AWARD:
        data.pop(name, None)
        if name in earlier:
            data[name] = earlier[name]
    data["base"]["register_entry"] = earlier["base"]["register_entry"]
    return data


def as_paper(
    data: dict[str, Any], *, issue: int, check_code: str, address: str, credential_id: str
) -> CertificateFacts:
    """The facts of a new paper. Raises what `CertificateFacts.from_data` raises."""
    return CertificateFacts.from_data(
        {
            **data,
            "issue": issue,
            "check_code": check_code,
            "verification_address": address,
            "credential_id": credential_id,
        }
    )


def _hours(facts: CertificateFacts, language: str) -> str:
    return "; ".join(
        f"{one.title_en if language == 'en' else one.title_zh} {one.periods} ({one.minutes})"
        for one in facts.hours.modules
    )


def _scores(facts: CertificateFacts, language: str) -> str:
    if facts.result is None:
        return ""
    return "; ".join(
        f"{one.title_en if language == 'en' else one.title_zh} {one.score} / {one.full_mark}"
        for one in facts.result.modules
    )


Reader = Callable[[CertificateFacts, str], str]

SHOWN: tuple[tuple[str, Reader], ...] = (
    (later("Name"), lambda facts, _: facts.holder.name_zh),
    (later("English name"), lambda facts, _: (facts.holder.name_en or "") if facts.holder.name_en_confirmed else ""),
    (
        later("Identity document (masked)"),
        lambda facts, _: facts.holder.identity_document.masked if facts.holder.identity_document else "",
    ),
    (
        later("Course session"),
        lambda facts, language: (
            f"{facts.course_session.title_en if language == 'en' else facts.course_session.title_zh}"
            f" · {facts.course_session.code}"
        ),
    ),
    (later("Dates"), lambda facts, _: f"{facts.course_session.starts_on} – {facts.course_session.ends_on}"),
    (later("Periods"), lambda facts, _: f"{facts.hours.periods} ({facts.hours.minutes})"),
    (later("Periods by module (minutes)"), _hours),
    (later("Score"), lambda facts, _: f"{facts.result.score} / {facts.result.full_mark}" if facts.result else ""),
    (later("Scores by module"), _scores),
    (later("Day of the assessment"), lambda facts, _: str(facts.result.assessed_on) if facts.result else ""),
    (later("Base"), lambda facts, language: facts.base.name_en if language == "en" else facts.base.name_zh),
    (later("Issued by"), lambda facts, language: facts.issuer.name_en if language == "en" else facts.issuer.name_zh),
    (
        later("Syllabus"),
        lambda facts, language: (
            f"{facts.edition.scheme_en if language == 'en' else facts.edition.scheme_zh} {facts.edition.version}"
        ),
    ),
)


def differences(before: CertificateFacts, after: CertificateFacts, language: str) -> list[tuple[str, str, str]]:
    """(label as a message id, before, after) of each line that changes, in the order of the certificate."""
    return [
        (label, read(before, language), read(after, language))
        for label, read in SHOWN
        if read(before, language) != read(after, language)
    ]
