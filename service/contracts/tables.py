"""Rows of technology contracts."""

from datetime import date
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from service.foundation.records import Record, choice, document, one_of, refers_to, whole


class ContractKind(StrEnum):
    """Kinds of technology contract (Civil Code 843)."""

    DEVELOPMENT = "development"
    TRANSFER = "transfer"
    LICENCE = "licence"
    CONSULTING = "consulting"
    SERVICE = "service"


class ContractState(StrEnum):
    """Where a contract stands."""

    SIGNED = "signed"
    REGISTERED = "registered"
    VOID = "void"
    ENDED = "ended"


class PartRole(StrEnum):
    """What a person did for a contract: a technology manager, or who brought forth the result."""

    LEAD = "lead"
    SOURCING = "sourcing"
    VALUATION = "valuation"
    NEGOTIATION = "negotiation"
    FOLLOW_UP = "follow_up"
    CONTRIBUTOR = "contributor"  # completed the result (成果完成人)


class TechnologyContract(Record, table=True):
    """One row is one technology contract as its organisation records it; the national register is referred to, not replaced.

    Three amounts are kept apart: contract, technology transaction, and received (the sum of its revenue events).
    Tenancy: own. Personal: none.
    """

    __tablename__ = "technology_contract"
    __table_args__ = (
        one_of("kind", ContractKind),
        one_of("state", ContractState),
        sa.UniqueConstraint("org_id", "contract_no"),
        sa.UniqueConstraint("org_id", "id"),
        sa.CheckConstraint("contract_fen >= 0 AND transaction_fen >= 0", name="amounts_not_negative"),
        sa.CheckConstraint("transaction_fen <= contract_fen", name="transaction_within_contract"),
        sa.CheckConstraint("received_fen >= 0", name="received_not_negative"),
        sa.CheckConstraint(
            "(registration_no IS NULL) = (registered_on IS NULL)"
            " AND (registration_no IS NULL) = (registration_office IS NULL)",
            name="registration_whole",
        ),
        sa.CheckConstraint("(state = 'void') = (void_ground IS NOT NULL)", name="void_has_ground"),
    )

    org_id: UUID = refers_to("organisation.id")
    contract_no: str = Field(max_length=80)
    title: dict[str, str] = document()
    kind: ContractKind = choice(ContractKind)
    seller: str = Field(max_length=200)
    buyer: str = Field(max_length=200)
    signed_on: date
    contract_fen: int = whole()
    transaction_fen: int = whole()
    received_fen: int = whole(default=0)
    registration_no: str | None = Field(default=None, max_length=80)  # opaque: its form is not known
    registration_office: str | None = Field(default=None, max_length=200)
    registered_on: date | None = Field(default=None)
    void_ground: str | None = Field(default=None, max_length=500)
    managers_at_fault: bool | None = Field(default=None)  # the finding a claw-back would need
    state: ContractState = choice(ContractState, ContractState.SIGNED)


class ManagerPart(Record, table=True):
    """One row is one person's part in one contract, a technology manager's or a contributor's to the result, and its weight.

    Tenancy: own, person reads. Personal: person_id.
    """

    __tablename__ = "manager_part"
    __table_args__ = (
        one_of("role", PartRole),
        sa.UniqueConstraint("contract_id", "person_id"),
        sa.ForeignKeyConstraint(
            ["org_id", "contract_id"], ["technology_contract.org_id", "technology_contract.id"], ondelete="RESTRICT"
        ),
        sa.CheckConstraint("weight > 0", name="weight_positive"),
    )

    org_id: UUID = refers_to("organisation.id")
    contract_id: UUID = Field(index=True)
    person_id: UUID = refers_to("person.id")
    role: PartRole = choice(PartRole)
    weight: int = Field(default=1)
