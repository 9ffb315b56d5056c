"""Technology contracts and their managers for tests, in one line each."""

import secrets
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from service.contracts.tables import ContractKind, ContractState, ManagerPart, PartRole, TechnologyContract
from service.people.tables import Person, PersonAccess

SIGNED = date(2024, 3, 1)
REGISTERED = date(2024, 3, 20)


async def manager(db: AsyncSession, org_id: UUID, name: str = "钱经理") -> Person:
    """A person whom an organisation sees on the ground of a contract."""
    row = Person(name=name, name_keys=[name], sort_key=name)
    db.add(row)
    await db.flush()
    db.add(PersonAccess(person_id=row.id, org_id=org_id, ground="contract"))
    await db.flush()
    return row


async def contract(
    db: AsyncSession,
    org_id: UUID,
    *,
    contract_fen: int = 100_000_000,
    transaction_fen: int = 80_000_000,
    registered: bool = True,
    number: str | None = None,
) -> TechnologyContract:
    """A signed technology contract, registered unless told otherwise."""
    row = TechnologyContract(
        org_id=org_id,
        contract_no=number or f"HT-{secrets.token_hex(5)}",
        title={"zh": "某催化剂制备专利许可", "en": "Licence of a catalyst patent"},
        kind=ContractKind.LICENCE,
        seller="某大学",
        buyer="某化工有限公司",
        signed_on=SIGNED,
        contract_fen=contract_fen,
        transaction_fen=transaction_fen,
    )
    if registered:
        row.registration_no = f"2024-{secrets.token_hex(4)}"
        row.registration_office = "某市技术合同登记机构"
        row.registered_on = REGISTERED
        row.state = ContractState.REGISTERED
    db.add(row)
    await db.flush()
    return row


async def part(
    db: AsyncSession, contract: TechnologyContract, person_id: UUID, role: PartRole = PartRole.LEAD, weight: int = 1
) -> ManagerPart:
    """A manager's part in a contract."""
    row = ManagerPart(org_id=contract.org_id, contract_id=contract.id, person_id=person_id, role=role, weight=weight)
    db.add(row)
    await db.flush()
    return row
