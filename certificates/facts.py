"""The facts of a certificate, frozen as they were on the day of issue: the final schema, version 1."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from certificates.canonical import canonical, digest, read_json
from certificates.refusals import CertificateRefusal, FactsUnreadable
from certificates.serial import parse_check_code, parse_number, parse_verification_address
from certificates.text import (
    Code,
    Digest,
    ExactNumber,
    Line,
    Name,
    SocialCreditCode,
    holds_identity_number,
    strings_in,
)

SCHEMA_VERSION: Literal[1] = 1


class CertificateKind(StrEnum):
    """Three kinds that are never mixed."""

    COMPLETION = "completion"  # 结业证书: trained
    LEVEL = "level"  # 能力等级证书: trained and examined
    HOURS = "hours"  # 学时证明: hours only, no judgement


def _number(text: str) -> str:
    try:
        if str(parse_number(text)) != text:
            raise ValueError("it is not written in its printed form")
    except CertificateRefusal as refusal:
        raise ValueError(str(refusal)) from None
    return text


def _check_code(text: str) -> str:
    try:
        if parse_check_code(text) != text:
            raise ValueError("it is not written in its printed form")
    except CertificateRefusal as refusal:
        raise ValueError(str(refusal)) from None
    return text


def _masked(text: str) -> str:
    if text.count("*") < 4 or sum(character.isalnum() for character in text) > 8:
        raise ValueError("an identity number is shown masked: at least four * and at most eight characters")
    return text


class _Part(BaseModel):
    """Frozen, strict about types, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class MaskedDocument(_Part):
    """The holder's identity document: its type and the masked number only."""

    type: Code
    type_zh: Line
    type_en: Line
    masked: Annotated[Line, AfterValidator(_masked)]


class Holder(_Part):
    """The person named. ``name_zh`` is the name as in the identity document, in whatever script that is."""

    name_zh: Name
    name_en: Name | None = None
    name_en_confirmed: bool = False
    identity_document: MaskedDocument | None = None

    @model_validator(mode="after")
    def _confirmed_name_exists(self) -> Self:
        if self.name_en_confirmed and self.name_en is None:
            raise ValueError("an English name is confirmed that is not given")
        return self

    @property
    def printed_name_en(self) -> str:
        """The confirmed English name, else the name as in the document: an unconfirmed spelling is never printed."""
        return self.name_en if self.name_en is not None and self.name_en_confirmed else self.name_zh


class Level(_Part):
    """A level of a scheme edition; ``rank`` 1 is the lowest and tells the guilloche and its tint."""

    code: Code
    rank: Annotated[int, Field(ge=1, le=9)]
    title_zh: Line
    title_en: Line


class Edition(_Part):
    """The scheme edition the holder was trained under: (scheme, version, level) and the digest of its frozen text."""

    scheme_code: Code
    scheme_zh: Line
    scheme_en: Line
    version: Line
    level: Level | None = None
    digest: Digest


class RegisterEntry(_Part):
    """What the service's register said of the base that day; it attests no more than that."""

    source: Line
    verified: bool
    listed_on: date


class Base(_Part):
    """The training base: a slot of the register, its code never changes."""

    code: Annotated[str, StringConstraints(pattern=r"^(0[1-9]|[12][0-9]|3[0-6])$")]
    name_zh: Line
    name_en: Line
    register_entry: RegisterEntry


class Issuer(_Part):
    """The legal entity that issues, and the identifier its credentials are signed under."""

    name_zh: Line
    name_en: Line
    uscc: SocialCreditCode | None = None
    did: Annotated[str, StringConstraints(pattern=r"^did:web:[A-Za-z0-9.%:\-]{3,200}$")]


class CourseSession(_Part):
    """The course session (班/期) attended, both days included."""

    code: Code
    title_zh: Line
    title_en: Line
    starts_on: date
    ends_on: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on < self.starts_on:
            raise ValueError("the course session ends before it starts")
        return self


class ModuleHours(_Part):
    """Hours credited in one module: minutes, and the periods (学时) they make under the edition's rounding."""

    code: Code
    title_zh: Line
    title_en: Line
    minutes: Annotated[int, Field(ge=0, le=600_000)]
    periods: ExactNumber


class Hours(_Part):
    """All hours credited; ``minutes`` is the sum over the modules, ``periods`` what the edition makes of it."""

    minutes_per_period: Annotated[int, Field(ge=1, le=120)]
    minutes: Annotated[int, Field(ge=0, le=6_000_000)]
    periods: ExactNumber
    modules: Annotated[tuple[ModuleHours, ...], Field(min_length=1, max_length=24)]

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        _once(module.code for module in self.modules)
        if sum(module.minutes for module in self.modules) != self.minutes:
            raise ValueError("the minutes of the modules do not add up to the total")
        for module in self.modules:
            # Editions round in different ways, but never by a whole period.
            if abs(Decimal(module.periods) * self.minutes_per_period - module.minutes) >= self.minutes_per_period:
                raise ValueError("periods and minutes of a module do not fit each other")
        if abs(Decimal(self.periods) * self.minutes_per_period - self.minutes) >= self.minutes_per_period * len(
            self.modules
        ):
            raise ValueError("periods and minutes do not fit each other")
        return self


class ModuleResult(_Part):
    """The result in one module, scores as exact text."""

    code: Code
    title_zh: Line
    title_en: Line
    score: ExactNumber
    full_mark: ExactNumber
    pass_mark: ExactNumber | None = None
    passed: bool


class Result(_Part):
    """The assessment's result, scores as exact text; ``passed`` is the decision, never recomputed from the score."""

    assessed_on: date
    score: ExactNumber
    full_mark: ExactNumber
    pass_mark: ExactNumber
    passed: bool
    grade_zh: Line | None = None
    grade_en: Line | None = None
    modules: Annotated[tuple[ModuleResult, ...], Field(max_length=24)] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _once(module.code for module in self.modules)
        parts: list[Result | ModuleResult] = [self, *self.modules]
        for part in parts:
            if Decimal(part.score) > Decimal(part.full_mark):
                raise ValueError("a score is above the full mark")
            if part.passed and part.pass_mark is not None and Decimal(part.score) < Decimal(part.pass_mark):
                raise ValueError("a score below the pass mark is called passed")
        return self


class CompetenceUnit(_Part):
    """One unit of the competence standard."""

    code: Code
    title_zh: Line
    title_en: Line


class Competence(_Part):
    """The competence standard edition and its units this certificate speaks of."""

    standard_code: Code
    standard_version: Line
    title_zh: Line
    title_en: Line
    digest: Digest
    units: Annotated[tuple[CompetenceUnit, ...], Field(min_length=1, max_length=60)]

    @model_validator(mode="after")
    def _units_once(self) -> Self:
        _once(unit.code for unit in self.units)
        return self


class Signatory(_Part):
    """A person who signs the paper, with the office held."""

    name_zh: Name
    name_en: Name | None = None
    office_zh: Line
    office_en: Line


def _once(codes: Iterable[str]) -> None:
    repeated = [code for code, times in Counter(codes).items() if times > 1]
    if repeated:
        raise ValueError("a code appears twice in the same list")


class CertificateFacts(_Part):
    """Everything a certificate says, frozen at issue; paper and credential are made of it and of nothing else.

    Dates are days in China (UTC+8). ``issue`` counts the papers under one number: 1 at first, 2 after a re-issue (name
    correction, renewal); ``awarded_on`` never changes over re-issues. ``check_code`` holds 60 random bits, so the digest
    cannot be turned back into the name by guessing.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    number: Annotated[str, AfterValidator(_number)]
    issue: Annotated[int, Field(ge=1, le=999)] = 1
    kind: CertificateKind
    credential_id: Annotated[
        str, StringConstraints(pattern=r"^(https?://[^\s/]+/credentials/|urn:uuid:)[0-9a-f\-]{36}$")
    ]
    title_zh: Line
    title_en: Line
    holder: Holder
    edition: Edition
    base: Base
    issuer: Issuer
    course_session: CourseSession
    hours: Hours
    result: Result | None = None
    competence: Competence | None = None
    awarded_on: date
    valid_from: date
    valid_until: date | None = None
    signatories: Annotated[tuple[Signatory, ...], Field(max_length=3)] = ()
    specimen: bool
    check_code: Annotated[str, AfterValidator(_check_code)]
    verification_address: Line
    languages: Annotated[tuple[Literal["zh-Hans", "en"], ...], Field(min_length=1, max_length=2)] = ("zh-Hans", "en")

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        number = parse_number(self.number)
        if number.base_code != self.base.code:
            raise ValueError("the number was made for another base")
        if number.year != self.awarded_on.year:
            raise ValueError("the year of the number is not the year of the award")
        try:
            pointed_at = parse_verification_address(self.verification_address)
        except CertificateRefusal as refusal:
            raise ValueError(str(refusal)) from None
        if pointed_at != (number, self.check_code):
            raise ValueError("the verification address points at another certificate")
        if self.awarded_on > self.valid_from:
            raise ValueError("it is valid before it was awarded")
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError("it expires before it is valid")
        if not self.specimen and not self.base.register_entry.verified:
            raise ValueError("a base whose register entry is not verified issues specimens only")
        if self.kind is CertificateKind.HOURS and (self.result is not None or self.competence is not None):
            raise ValueError("a statement of hours states no result and no competence")
        if self.kind is CertificateKind.LEVEL and (self.edition.level is None or self.result is None):
            raise ValueError("a level certificate needs a level and a result")
        if self.result is not None and not self.result.passed:
            raise ValueError("no certificate states a failed result")
        for _, text in strings_in(self.model_dump(mode="json", exclude={"issuer": {"uscc"}})):
            if holds_identity_number(text):
                raise ValueError("a text holds an identity number")
        return self

    def to_data(self) -> dict[str, Any]:
        """The facts as JSON values: dates as ISO text, absent members left out.

        Leaving them out keeps the digest of old facts when a later version knows more members.
        """
        return self.model_dump(mode="json", exclude_none=True)

    def to_json(self) -> bytes:
        """The facts in canonical form (RFC 8785), UTF-8."""
        return canonical(self.to_data())

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical form, 64 hexadecimal digits."""
        return digest(self.to_data())

    @classmethod
    def from_json(cls, data: bytes | str) -> "CertificateFacts":
        """Read facts written by ``to_json`` or by hand.

        Raises FactsUnreadable naming the place, JsonUnreadable, JsonTooLarge or DuplicateMember.
        """
        value = read_json(data)
        try:
            return cls.model_validate_json(canonical(value))
        except ValidationError as error:
            raise refusal_of(error) from None

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "CertificateFacts":
        """Read facts from JSON values (as ``to_data`` gives them); raises like ``from_json``."""
        return cls.from_json(canonical(data))


_REASONS = {
    "missing": "it is missing",
    "extra_forbidden": "it is not a member of the facts",
    "string_too_short": "it is empty",
    "string_too_long": "it is too long",
    "string_pattern_mismatch": "it is not written in its form",
    "string_type": "it is not text",
    "bool_type": "it is neither true nor false",
    "int_type": "it is not a whole number",
    "int_from_float": "it is not a whole number",
    "greater_than_equal": "it is too small",
    "less_than_equal": "it is too large",
    "too_short": "there are too few of them",
    "too_long": "there are too many of them",
    "enum": "it is none of the values known",
    "literal_error": "it is none of the values known",
    "model_type": "it is not an object",
    "tuple_type": "it is not a list",
    "date_type": "it is not a date like 2026-11-22",
    "date_parsing": "it is not a date like 2026-11-22",
    "date_from_datetime_parsing": "it is not a date like 2026-11-22",
    "date_from_datetime_inexact": "it is not a date like 2026-11-22",
}


def refusal_of(error: ValidationError) -> FactsUnreadable:
    """The first fault of a validation as a refusal naming its place as a JSON pointer."""
    fault = error.errors(include_url=False, include_context=True, include_input=False)[0]
    place = "/" + "/".join(str(step) for step in fault["loc"])
    known = _REASONS.get(fault["type"])
    cause = fault.get("ctx", {}).get("error")
    reason = known or (fault["msg"] if cause is None else str(cause))
    return FactsUnreadable(place=place, reason=reason)
