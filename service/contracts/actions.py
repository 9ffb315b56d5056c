"""Recording contracts, their registration, their end, and the managers' parts in them."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.contracts.errors import ContractNotLive, ContractNumberTaken, ManagerNamedTwice
from service.contracts.queries import contract_for
from service.contracts.rules import STATE_TITLES, check_amounts, check_registered, check_signed, move
from service.contracts.schemas import ContractCreate, ManagerCreate, RegistrationCreate, VoidCreate
from service.contracts.tables import ContractState, ManagerPart, TechnologyContract
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.foundation.journal import note
from service.foundation.keyring import Keyring
from service.people.actions import person_for

GROUND = "contract"


async def record_contract(db: AsyncSession, actor: Actor, new: ContractCreate) -> TechnologyContract:
    """Record a signed contract. Raises TransactionAboveContract, DateAhead, ContractNumberTaken."""
    check_amounts(new.contract_fen, new.transaction_fen)
    check_signed(new.signed_on, clock.today())
    row = TechnologyContract(org_id=actor.org, title=new.title.stored(), **new.model_dump(exclude={"title"}))
    try:
        async with db.begin_nested():
            db.add(row)
    except IntegrityError as error:
        raise ContractNumberTaken(field="contract_no", contract_no=new.contract_no) from error
    await note(db, "contract.recorded", "technology_contract", row.id)
    return row


async def register(db: AsyncSession, actor: Actor, contract_id: UUID, new: RegistrationCreate) -> TechnologyContract:
    """Record the registration the national system gave. Raises NotFound, StateConflict, RegisteredBeforeSigned, DateAhead."""
    row = await contract_for(db, actor, contract_id, lock=True)
    move(row.state, ContractState.REGISTERED)
    check_registered(row.signed_on, new.registered_on, clock.today())
    row.registration_no = new.registration_no
    row.registration_office = new.registration_office
    row.registered_on = new.registered_on
    row.state = ContractState.REGISTERED
    await note(db, "contract.registered", "technology_contract", row.id)
    return row


async def void(db: AsyncSession, actor: Actor, contract_id: UUID, new: VoidCreate) -> TechnologyContract:
    """Record that the contract is void, on which ground, and the finding about the managers.

    Nothing is taken back from anyone here: a manager without fault keeps the pay (Supreme People's Court,
    interpretation on technology contracts, article 41). Raises NotFound, StateConflict.
    """
    row = await contract_for(db, actor, contract_id, lock=True)
    move(row.state, ContractState.VOID)
    row.void_ground = new.ground
    row.managers_at_fault = new.managers_at_fault
    row.state = ContractState.VOID
    await note(db, "contract.voided", "technology_contract", row.id, managers_at_fault=new.managers_at_fault)
    return row


async def end(db: AsyncSession, actor: Actor, contract_id: UUID) -> TechnologyContract:
    """Record that the contract has been performed or has run out. Raises NotFound, StateConflict."""
    row = await contract_for(db, actor, contract_id, lock=True)
    move(row.state, ContractState.ENDED)
    row.state = ContractState.ENDED
    await note(db, "contract.ended", "technology_contract", row.id)
    return row


async def name_manager(
    db: AsyncSession, keyring: Keyring, actor: Actor, contract_id: UUID, new: ManagerCreate
) -> ManagerPart:
    """Name a technology manager of the contract, found or first entered by identity document on the ground of the contract.

    Raises NotFound, ContractNotLive, ManagerNamedTwice, and what `people` refuses about number and name.
    """
    contract = await contract_for(db, actor, contract_id, lock=True)
    if contract.state is ContractState.VOID:
        raise ContractNotLive(contract_no=contract.contract_no, state=STATE_TITLES[contract.state])
    person = await person_for(
        db,
        keyring,
        name=new.name,
        kind=new.identity_kind,
        number=new.identity_number,
        ground=GROUND,
        org_id=actor.org,
        source_id=contract.id,
    )
    row = ManagerPart(org_id=actor.org, contract_id=contract.id, person_id=person.id, role=new.role, weight=new.weight)
    try:
        async with db.begin_nested():
            db.add(row)
    except IntegrityError as error:
        raise ManagerNamedTwice(field="identity_number") from error
    await note(db, "contract.manager_named", "technology_contract", contract.id, person_id=person.id)
    return row


async def remove_manager(db: AsyncSession, actor: Actor, contract_id: UUID, part_id: UUID) -> None:
    """Take back a part that was entered wrongly; agreements have their own exact parties and are not touched."""
    contract = await contract_for(db, actor, contract_id, lock=True)
    part = (
        await db.scalars(
            select(ManagerPart).where(col(ManagerPart.id) == part_id, col(ManagerPart.contract_id) == contract.id)
        )
    ).first()
    if part is None:
        raise NotFound(what="manager_part")
    await db.delete(part)
    await note(db, "contract.manager_removed", "technology_contract", contract.id, person_id=part.person_id)


async def add_received(db: AsyncSession, contract_id: UUID, difference_fen: int) -> None:
    """Move the amount received, by the revenue events of the incentives room; locks the row until the transaction ends."""
    await db.execute(
        sa.update(TechnologyContract)
        .where(col(TechnologyContract.id) == contract_id)
        .values(received_fen=col(TechnologyContract.received_fen) + difference_fen)
        .execution_options(synchronize_session=False)
    )
