"""What goes into and out of the credentials room."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from certificates.facts import CertificateKind
from service.credentials.tables import CorrectionKind
from service.foundation.language import later

SAY_WHY = later("Please say why it is refused.")


class ListCreate(BaseModel):
    """Draw up the issuing list of a course session for one kind of certificate."""

    model_config = ConfigDict(extra="forbid")

    course_session_id: UUID
    kind: CertificateKind = CertificateKind.LEVEL


class Decision(BaseModel):
    """The second person's decision; a refusal needs a reason."""

    model_config = ConfigDict(extra="forbid")

    approve: bool
    reason: Annotated[str | None, Field(max_length=500)] = None

    @model_validator(mode="after")
    def _reason(self) -> "Decision":
        if not self.approve and not (self.reason or "").strip():
            raise ValueError(SAY_WHY)
        return self


class ChangeCreate(BaseModel):
    """Propose to suspend, reinstate (`valid`) or revoke a certificate. The reason class is public, the note is not."""

    model_config = ConfigDict(extra="forbid")

    to_state: Literal["suspended", "valid", "revoked"]
    reason: str = Field(max_length=40)
    note: Annotated[str | None, Field(max_length=500)] = None


class EntryRead(BaseModel):
    """One person on an issuing list; `reasons` are sentences in the reader's language."""

    enrolment_id: UUID
    person_id: UUID
    name: str
    eligible: bool
    reasons: list[str]
    credential_id: UUID | None
    number: str | None
    hindrance: str | None


class ListRead(BaseModel):
    """An issuing list; `digest` is what the decider approves."""

    id: UUID
    course_session_id: UUID
    kind: str
    state: str
    digest: str
    created_at: datetime
    people: int
    eligible: int
    issued: int
    hindered: int


class ListShown(ListRead):
    """An issuing list with its entries."""

    entries: list[EntryRead]


class ProposalRead(BaseModel):
    """What waits for a second person."""

    approval_id: UUID
    subject_id: UUID
    step: str
    digest: str


class CredentialRead(BaseModel):
    """A certificate as its holder and its issuer see it in lists; `state` with the dates counted in."""

    id: UUID
    number: str
    version: int
    kind: str
    level: str | None
    title: dict[str, str]
    base: dict[str, str]
    awarded_on: date
    valid_from: date
    valid_until: date | None
    state: str
    state_since: datetime | None
    state_reason: str | None
    specimen: bool
    person_id: UUID
    course_session_id: UUID
    document_id: UUID | None


class CredentialShown(CredentialRead):
    """A certificate with its frozen facts and check code, for its holder and its issuer."""

    check_code: str
    verification_address: str
    facts: dict[str, Any]


class CorrectionCreate(BaseModel):
    """Ask for a correction or a new print: what is wrong, why, and what shows it. `english_name` is the right spelling."""

    model_config = ConfigDict(extra="forbid")

    kind: CorrectionKind
    reason: Annotated[str, Field(min_length=1, max_length=1000)]
    evidence: Annotated[str, Field(max_length=1000)] = ""
    english_name: Annotated[str | None, Field(max_length=100)] = None

    @model_validator(mode="after")
    def _spelling(self) -> "CorrectionCreate":
        if self.english_name is not None and self.kind is not CorrectionKind.ENGLISH_NAME:
            raise ValueError(later("A spelling belongs to a correction of the English name only."))
        return self


class Refusal(BaseModel):
    """Why a request is not taken further."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class CorrectionRead(BaseModel):
    """A correction; `digest` is what the decider approves, `outcome_id` the certificate as it stands afterwards."""

    id: UUID
    credential_id: UUID
    kind: str
    state: str
    by_holder: bool
    created_at: datetime
    settled_at: datetime | None
    answer: str | None
    digest: str | None
    outcome_id: UUID | None
    has_file: bool


class ChangedLine(BaseModel):
    """One line of the certificate that a correction changes, in the reader's language."""

    label: str
    before: str
    after: str


class CorrectionShown(CorrectionRead):
    """A correction with its words, and with what changes on the certificate once it is proposed."""

    number: str
    version: int
    reason: str
    evidence: str
    changes: list[ChangedLine]
