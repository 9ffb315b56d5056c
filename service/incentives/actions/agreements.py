"""Agreements: a contract bound to a plan version, pinned at signing with its parties and exact weights."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from service.contracts.errors import ContractNotLive, DateAhead
from service.contracts.queries import contract_for
from service.contracts.rules import STATE_TITLES
from service.contracts.tables import ContractState
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.journal import note
from service.incentives.actions.booking import account_line
from service.incentives.errors import (
    AgreementTwice,
    EventsBeforeAgreement,
    PartyOutOfPlace,
    PartyUnknown,
    PlanNotInForce,
    PlanWithoutSplit,
)
from service.incentives.queries import plan_for, version_for
from service.incentives.rules import LineRole, Party, PlanTerms, check_parties
from service.incentives.rules.naming import LINE_ROLE_TITLES
from service.incentives.schemas import AgreementCreate
from service.incentives.tables import Agreement, AgreementParty, Bucket, PlanKind, PlanState, PlanVersion, RevenueEvent
from service.ledger.actions import account_for
from service.ledger.tables import Book, Side
from service.people.queries import persons

OF_PEOPLE = (LineRole.MAIN_CONTRIBUTORS, LineRole.CONTRIBUTORS, LineRole.MANAGERS, LineRole.TRANSFER_STAFF)


async def sign_agreement(db: AsyncSession, actor: Actor, new: AgreementCreate) -> Agreement:
    """Sign an agreement; its parties, weights and plan version never change again.

    Raises NotFound, ContractNotLive, DateAhead, PlanWithoutSplit, PlanNotInForce, the refusals of `check_parties`,
    PartyOutOfPlace, PartyUnknown, EventsBeforeAgreement, AgreementTwice.
    """
    contract = await contract_for(db, actor, new.contract_id, lock=True)
    if contract.state is ContractState.VOID:
        raise ContractNotLive(contract_no=contract.contract_no, state=STATE_TITLES[contract.state])
    if new.signed_on > clock.today():
        raise DateAhead(field="signed_on", day=new.signed_on.isoformat())
    version = await version_for(db, actor, new.plan_version_id)
    plan = await plan_for(db, actor, version.plan_id)
    if plan.kind is PlanKind.EQUITY:
        raise PlanWithoutSplit(field="plan_version_id")
    _check_in_force(version, new)
    await _check_parties(db, PlanTerms.model_validate(version.content), new)
    await _check_no_events(db, new)
    row = Agreement(org_id=actor.org, contract_id=contract.id, plan_version_id=version.id, signed_on=new.signed_on)
    if await _bound_already(db, contract.id, plan.id):
        raise AgreementTwice
    try:
        async with db.begin_nested():
            db.add(row)
    except IntegrityError as error:
        raise AgreementTwice from error
    db.add(Bucket(org_id=actor.org, agreement_id=row.id))
    for number, party in enumerate(new.parties, start=1):
        db.add(
            AgreementParty(
                org_id=actor.org,
                agreement_id=row.id,
                party_no=number,
                person_id=party.person_id,
                line=party.line,
                weight=party.weight,
            )
        )
    await db.flush()
    # The accounts exist before the first event, so that two first events never wait for each other's new accounts.
    for person_id in sorted({party.person_id for party in new.parties if party.person_id}, key=str):
        await account_for(db, actor.org, Book.MONEY, account_line(person_id, Side.CREDIT, 0))
    await note(db, "agreement.signed", "agreement", row.id, contract_id=contract.id, plan_version_id=version.id)
    return row


def _check_in_force(version: PlanVersion, new: AgreementCreate) -> None:
    holds = version.valid_from <= new.signed_on and (version.valid_to is None or new.signed_on <= version.valid_to)
    if version.state is not PlanState.IN_FORCE or not holds:
        raise PlanNotInForce(field="signed_on", version=version.version, day=new.signed_on.isoformat())


async def _check_parties(db: AsyncSession, terms: PlanTerms, new: AgreementCreate) -> None:
    check_parties(terms, [Party(number, one.line, one.weight) for number, one in enumerate(new.parties, start=1)])
    roles = {line.key: line.role for line in terms.lines}
    for party in new.parties:
        role = roles[party.line]
        if (role in OF_PEOPLE and party.person_id is None) or (role is LineRole.UNIT and party.person_id is not None):
            raise PartyOutOfPlace(field="parties", line=party.line, whom=LINE_ROLE_TITLES[role])
    seen = await persons(db, [one.person_id for one in new.parties if one.person_id])
    for number, party in enumerate(new.parties, start=1):
        if party.person_id is not None and party.person_id not in seen:
            raise PartyUnknown(field="parties", party=number)


async def _check_no_events(db: AsyncSession, new: AgreementCreate) -> None:
    """An event the agreement would cover must not lie before it in the books."""
    reversed_ids = sa.select(col(RevenueEvent.reverses)).where(
        col(RevenueEvent.contract_id) == new.contract_id, col(RevenueEvent.reverses).is_not(None)
    )
    found = await db.scalar(
        sa.select(sa.func.min(col(RevenueEvent.effective_on))).where(
            col(RevenueEvent.contract_id) == new.contract_id,
            col(RevenueEvent.effective_on) >= new.signed_on,
            col(RevenueEvent.reverses).is_(None),
            col(RevenueEvent.id).not_in(reversed_ids),
        )
    )
    if found is not None:
        raise EventsBeforeAgreement(field="signed_on", day=found.isoformat())


async def _bound_already(db: AsyncSession, contract_id: UUID, plan_id: UUID) -> bool:
    """Whether the contract has an agreement under any version of the plan: it would be paid twice."""
    found = await db.scalar(
        sa.select(col(Agreement.id))
        .join(PlanVersion, col(PlanVersion.id) == col(Agreement.plan_version_id))
        .where(col(Agreement.contract_id) == contract_id, col(PlanVersion.plan_id) == plan_id)
        .limit(1)
    )
    return found is not None
