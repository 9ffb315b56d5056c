"""What goes into and out of the public check."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from service.foundation.language import later

State = Literal[
    "valid",
    "expired",
    "not_yet_valid",
    "suspended",
    "revoked",
    "superseded",
    "unknown",
    "content-differs",
    "unproven",
    "unreadable",
    "undecided",
]
MOST_ITEMS = 1000


class Question(BaseModel):
    """A number with the holder's name, or with the check code printed under the QR code."""

    model_config = ConfigDict(extra="forbid")

    number: str = Field(min_length=1, max_length=60)
    name: Annotated[str | None, Field(max_length=100)] = None
    code: Annotated[str | None, Field(max_length=40)] = None


class BatchItem(BaseModel):
    """One item of a batch: number and name, number and code, or the credential file as text; `reference` comes back."""

    model_config = ConfigDict(extra="forbid")

    reference: Annotated[str | None, Field(max_length=100)] = None
    number: Annotated[str | None, Field(max_length=60)] = None
    name: Annotated[str | None, Field(max_length=100)] = None
    code: Annotated[str | None, Field(max_length=40)] = None
    credential: Annotated[str | None, Field(max_length=100_000)] = None

    @model_validator(mode="after")
    def _one_way(self) -> "BatchItem":
        if (self.number is None) == (self.credential is None):
            raise ValueError(later("Give either a number or a credential."))
        return self


class Batch(BaseModel):
    """Up to 1,000 items."""

    model_config = ConfigDict(extra="forbid")

    items: list[BatchItem] = Field(min_length=1)


class Answer(BaseModel):
    """The answer of a check. Everything but state, sentence and time is absent when nothing was found.

    `reason` is a reason class of the change of state; `paper_sha256` the digest of the PDF as it was issued. For a
    superseded version `current_address` and `current_state` lead to the one that stands; `paper_replaced_at` says that
    the paper asked about was lost or damaged and a new one was made, while the certificate itself is as `state` says.
    """

    state: State
    sentence: str
    checked_at: datetime
    specimen: bool = False
    number: str | None = None
    masked_name: str | None = None
    kind: str | None = None
    title: dict[str, str] | None = None
    level: dict[str, str] | None = None
    scheme: dict[str, str] | None = None
    base_code: str | None = None
    base: dict[str, str] | None = None
    issuer: dict[str, str] | None = None
    periods: str | None = None
    awarded_on: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    state_since: datetime | None = None
    reason: str | None = None
    paper_sha256: str | None = None
    version: int | None = None
    current_address: str | None = None
    current_state: State | None = None
    paper_replaced_at: datetime | None = None


class BatchAnswer(BaseModel):
    """One item's answer; `problem` says what is wrong with what was sent."""

    index: int
    reference: str | None
    problem: str | None
    answer: Answer | None


class BatchAnswers(BaseModel):
    """The answers in the order of the items."""

    checked_at: datetime
    items: list[BatchAnswer]


class BatchForm(BaseModel):
    """The form of the page: a pasted list; a file comes beside it instead."""

    model_config = ConfigDict(extra="forbid")

    pasted: Annotated[str, Field(max_length=120_000)] = ""


class CheckedRow(BaseModel):
    """One row of a check on the page: what was asked, and the answer or why it could not be asked."""

    row: int
    number: str
    name: str
    reference: str | None
    problem: str | None
    answer: Answer | None


class LinkCreate(BaseModel):
    """A share link for so many days."""

    model_config = ConfigDict(extra="forbid")

    days: Literal[7, 30, 90, 180] = 30


class LinkForm(BaseModel):
    """The same as a form sends it."""

    model_config = ConfigDict(extra="forbid")

    days: Literal["7", "30", "90", "180"] = "30"


class LinkRead(BaseModel):
    """A share link; the token itself was shown once."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    credential_id: UUID
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class LinkMade(LinkRead):
    """A new share link with its address, shown this once."""

    address: str


class LookRead(BaseModel):
    """One look-up of a certificate, as its holder sees it; never an address of whom."""

    created_at: datetime
    way: str
    outcome: str
    verifier: dict[str, str] | None
