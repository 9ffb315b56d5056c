"""What goes in and out of the contracts room."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from service.contracts.tables import ContractKind, ContractState, PartRole
from service.foundation.errors import DomainError
from service.foundation.language import sentence
from service.foundation.money import parse_yuan
from service.people.rules import IdentityKind


def _yuan(value: Any) -> Any:
    """Yuan as typed into a form, as fen; the refusal's own sentence stands beside the field."""
    if not isinstance(value, str):
        return value
    try:
        return parse_yuan(value)
    except DomainError as error:
        raise ValueError(sentence(error.message, error.facts)) from error


MOST_FEN = 10**15
"""Ten trillion yuan: more is a slip of the hand, and sums of many such amounts still fit the books."""

Fen = Annotated[int, Field(ge=0, le=MOST_FEN, strict=True)]
"""Money through the API: whole fen, never a fraction, never text."""

YuanText = Annotated[int, BeforeValidator(_yuan), Field(ge=0, le=MOST_FEN)]
"""Money through a form: an amount of yuan as people write it, kept as fen."""


class Bilingual(BaseModel):
    """A text in Chinese, and in English where there is one."""

    model_config = ConfigDict(extra="forbid")

    zh: str = Field(min_length=1, max_length=200)
    en: str | None = Field(default=None, max_length=200)

    def stored(self) -> dict[str, str]:
        """As it is kept in a row."""
        return {name: text for name, text in (("zh", self.zh), ("en", self.en)) if text}


class ContractCreate(BaseModel):
    """A signed technology contract. Amounts in fen."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    contract_no: str = Field(min_length=1, max_length=80)
    title: Bilingual
    kind: ContractKind
    seller: str = Field(min_length=1, max_length=200)
    buyer: str = Field(min_length=1, max_length=200)
    signed_on: date
    contract_fen: Fen
    transaction_fen: Fen


class ContractForm(BaseModel):
    """The same contract from a page: amounts as people write yuan."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    contract_no: str = Field(min_length=1, max_length=80)
    title: Bilingual
    kind: ContractKind
    seller: str = Field(min_length=1, max_length=200)
    buyer: str = Field(min_length=1, max_length=200)
    signed_on: date
    contract_fen: YuanText
    transaction_fen: YuanText

    def create(self) -> ContractCreate:
        """As the API takes it."""
        return ContractCreate.model_validate(self.model_dump())


class RegistrationCreate(BaseModel):
    """The contract's registration: the office's number as it stands there, the office, the day."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    registration_no: str = Field(min_length=1, max_length=80)
    registration_office: str = Field(min_length=1, max_length=200)
    registered_on: date


class VoidCreate(BaseModel):
    """A contract found void or revoked: on which ground, and whether the managers were at fault."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    ground: str = Field(min_length=1, max_length=500)
    managers_at_fault: bool = False


class ManagerCreate(BaseModel):
    """A technology manager's part: who, by identity document, what was done, which weight among the managers."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: str = Field(min_length=1, max_length=100)
    identity_kind: IdentityKind
    identity_number: str = Field(min_length=1, max_length=40)
    role: PartRole
    weight: int = Field(default=1, ge=1, le=1_000_000)


class ManagerRead(BaseModel):
    """One manager's part, the person by name as the organisation may see it."""

    id: UUID
    person_id: UUID
    name: str
    role: PartRole
    weight: int


class ContractRead(BaseModel):
    """A technology contract. Amounts in fen: of the contract, of the technology transaction, received so far."""

    id: UUID
    contract_no: str
    title: dict[str, str]
    kind: ContractKind
    seller: str
    buyer: str
    signed_on: date
    contract_fen: int
    transaction_fen: int
    received_fen: int
    registration_no: str | None
    registration_office: str | None
    registered_on: date | None
    void_ground: str | None
    managers_at_fault: bool | None
    state: ContractState


class ContractDetail(ContractRead):
    """A technology contract with its managers."""

    managers: list[ManagerRead]
