"""A certificate's facts from what the service knows of the day of issue; pure, so that a paper never needs the tables again."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from certificates.facts import (
    Base,
    CertificateFacts,
    CertificateKind,
    Competence,
    CompetenceUnit,
    CourseSession,
    Edition,
    Holder,
    Hours,
    Issuer,
    Level,
    MaskedDocument,
    ModuleHours,
    ModuleResult,
    RegisterEntry,
    Result,
)
from certificates.keys import did_of_base
from certificates.serial import CertificateNumber, verification_address
from curricula.bilingual import Bilingual
from curricula.editions import Standard, Syllabus
from curricula.items import LEVELS
from service.credentials.rules.eligibility import pass_mark_of, shown

TITLES = {
    CertificateKind.LEVEL: ("能力等级证书", "Certificate of Competence Level"),
    CertificateKind.COMPLETION: ("结业证书", "Certificate of Completion"),
    CertificateKind.HOURS: ("学时证明", "Statement of Training Hours"),
}
LONGEST_LINE = 200


@dataclass(frozen=True)
class PersonNamed:
    """The holder as the certificate names them; `masked` is the identity number as it may be shown."""

    name: str
    english_name: str | None
    english_confirmed: bool
    identity_kind: str
    identity_title: dict[str, str]
    masked: str


@dataclass(frozen=True)
class BaseNamed:
    """The base and its legal entity, as the register has them on the day."""

    code: str
    name: dict[str, str]
    verified: bool
    source: str | None
    listed_on: date
    entity: dict[str, str]
    uscc: str | None


@dataclass(frozen=True)
class SessionNamed:
    """The course session."""

    code: str
    title: dict[str, str]
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class Ground:
    """All that the facts of one certificate are made of. `evidence` is what the approved list kept."""

    kind: CertificateKind
    person: PersonNamed
    base: BaseNamed
    session: SessionNamed
    syllabus: Syllabus
    syllabus_digest: str
    standard: Standard | None
    standard_digest: str | None
    evidence: dict[str, Any]
    awarded_on: date
    specimen: bool


def line(text: str | None, otherwise: str = "—") -> str:
    """One line of at most 200 characters, single-spaced."""
    plain = " ".join((text or "").split()) or otherwise
    return plain if len(plain) <= LONGEST_LINE else plain[: LONGEST_LINE - 1] + "…"


def both(value: dict[str, str] | Bilingual) -> tuple[str, str]:
    """Chinese and English of a bilingual text, each standing in for the other where it is missing."""
    texts = value.to_json() if isinstance(value, Bilingual) else value
    zh, en = texts.get("zh") or texts.get("en"), texts.get("en") or texts.get("zh")
    return line(zh), line(en)


def valid_until(valid_from: date, years: int | None) -> date | None:
    """The last day of so many years from a day on; None when it has no end."""
    if years is None:
        return None
    try:
        anniversary = valid_from.replace(year=valid_from.year + years)
    except ValueError:  # 29 February
        anniversary = date(valid_from.year + years, 3, 1)
    return anniversary - timedelta(days=1)


def holder_of(person: PersonNamed) -> Holder:
    """The holder as the certificate names them."""
    document_zh, document_en = both(person.identity_title)
    return Holder(
        name_zh=person.name,
        name_en=person.english_name,
        name_en_confirmed=person.english_confirmed and person.english_name is not None,
        identity_document=MaskedDocument(
            type=person.identity_kind, type_zh=document_zh, type_en=document_en, masked=person.masked
        ),
    )


def compose_facts(
    ground: Ground, *, number: CertificateNumber, check_code: str, credential_id: str, origin: str, host: str
) -> CertificateFacts:
    """The facts of a certificate. Raises pydantic's ValidationError when they do not hang together."""
    syllabus, kind = ground.syllabus, ground.kind
    title_zh, title_en = TITLES[kind]
    base_zh, base_en = both(ground.base.name)
    entity_zh, entity_en = both(ground.base.entity)
    session_zh, session_en = both(ground.session.title)
    scheme_zh, scheme_en = both(syllabus.title)
    years = None if kind is CertificateKind.HOURS else syllabus.validity_years
    return CertificateFacts(
        number=str(number),
        kind=kind,
        credential_id=credential_id,
        title_zh=title_zh,
        title_en=title_en,
        holder=holder_of(ground.person),
        edition=Edition(
            scheme_code=syllabus.syllabus,
            scheme_zh=scheme_zh,
            scheme_en=scheme_en,
            version=syllabus.version,
            level=None if kind is CertificateKind.HOURS else _level(syllabus),
            digest=ground.syllabus_digest,
        ),
        base=Base(
            code=ground.base.code,
            name_zh=base_zh,
            name_en=base_en,
            register_entry=RegisterEntry(
                source=line(ground.base.source), verified=ground.base.verified, listed_on=ground.base.listed_on
            ),
        ),
        issuer=Issuer(
            name_zh=entity_zh, name_en=entity_en, uscc=ground.base.uscc, did=did_of_base(host, ground.base.code)
        ),
        course_session=CourseSession(
            code=ground.session.code,
            title_zh=session_zh,
            title_en=session_en,
            starts_on=ground.session.starts_on,
            ends_on=ground.session.ends_on,
        ),
        hours=_hours(syllabus, ground.evidence["minutes"]),
        result=_result(ground) if kind is CertificateKind.LEVEL else None,
        competence=_competence(ground) if kind is CertificateKind.LEVEL else None,
        awarded_on=ground.awarded_on,
        valid_from=ground.awarded_on,
        valid_until=valid_until(ground.awarded_on, years),
        specimen=ground.specimen or not ground.base.verified,
        check_code=check_code,
        verification_address=verification_address(origin, str(number), check_code),
    )


def public_facts(facts: CertificateFacts) -> dict[str, Any]:
    """What the public page says beside the state: no name, no identity, no score."""
    level = facts.edition.level
    return {
        "kind": facts.kind.value,
        "title": {"zh": facts.title_zh, "en": facts.title_en},
        "scheme": {"zh": facts.edition.scheme_zh, "en": facts.edition.scheme_en},
        "scheme_version": facts.edition.version,
        "level": None if level is None else {"zh": level.title_zh, "en": level.title_en},
        "base_code": facts.base.code,
        "base": {"zh": facts.base.name_zh, "en": facts.base.name_en},
        "base_verified": facts.base.register_entry.verified,
        "issuer": {"zh": facts.issuer.name_zh, "en": facts.issuer.name_en},
        "periods": facts.hours.periods,
    }


def _level(syllabus: Syllabus) -> Level:
    zh, en = both(syllabus.level_title)
    return Level(code=syllabus.level, rank=LEVELS.index(syllabus.level) + 1, title_zh=zh, title_en=en)


def _hours(syllabus: Syllabus, minutes: dict[str, int]) -> Hours:
    modules = []
    total = Fraction(0)
    for module in syllabus.modules:
        zh, en = both(module.title)
        credited = int(minutes.get(module.id, 0))
        periods = syllabus.periods_of(credited)
        total += Fraction(shown(periods))  # the total is the sum of what is printed
        modules.append(ModuleHours(code=module.id, title_zh=zh, title_en=en, minutes=credited, periods=shown(periods)))
    return Hours(
        minutes_per_period=syllabus.minutes_per_period,
        minutes=sum(one.minutes for one in modules),
        periods=shown(total),
        modules=tuple(modules),
    )


def _result(ground: Ground) -> Result | None:
    kept = ground.evidence["result"]
    if kept is None:
        return None
    full = int(kept["full_marks"])
    modules = []
    for module in ground.syllabus.modules:
        marks = kept["by_module"].get(module.id)
        if marks is None:
            continue
        zh, en = both(module.title)
        modules.append(
            ModuleResult(
                code=module.id,
                title_zh=zh,
                title_en=en,
                score=shown(Fraction(str(marks["earned"]))),
                full_mark=shown(Fraction(str(marks["points"]))),
                passed=True,  # no module has a pass mark of its own
            )
        )
    return Result(
        assessed_on=date.fromisoformat(kept["held_on"]),
        score=shown(Fraction(kept["score"])),
        full_mark=str(full),
        pass_mark=shown(pass_mark_of(ground.syllabus, full)),
        passed=bool(kept["passed"]),
        modules=tuple(modules),
    )


def _competence(ground: Ground) -> Competence | None:
    if ground.standard is None or ground.standard_digest is None:
        return None
    zh, en = both(ground.standard.title)
    units = []
    for unit in ground.standard.units:
        unit_zh, unit_en = both(unit.title)
        units.append(CompetenceUnit(code=unit.id, title_zh=unit_zh, title_en=unit_en))
    return Competence(
        standard_code=ground.standard.standard,
        standard_version=ground.standard.version,
        title_zh=zh,
        title_en=en,
        digest=ground.standard_digest,
        units=tuple(units),
    )
