"""Technology contracts for machines."""

from uuid import UUID

from litestar import delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from service.contracts.actions import end, name_manager, record_contract, register, remove_manager, void
from service.contracts.queries import contract_for, contracts_of, managers_of
from service.contracts.schemas import (
    ContractCreate,
    ContractDetail,
    ContractRead,
    ManagerCreate,
    ManagerRead,
    RegistrationCreate,
    VoidCreate,
)
from service.contracts.tables import ContractState
from service.foundation.keyring import keyring_at
from service.foundation.paging import Page
from service.settings import get_settings
from service.web.access import Who, access
from service.web.database import Db
from service.web.problems import problem_responses

READ = "contracts.manage|incentives.read"


@get("/api/contracts", **access(READ))
async def list_contracts(
    db: Db,
    actor: Who,
    search: FromQuery[str] = "",
    contract_state: FromQuery[ContractState | None] = None,
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Page[ContractRead]:
    """The organisation's contracts, newest first."""
    rows, following = await contracts_of(db, actor, search=search, state=contract_state, after=after, limit=limit)
    return Page(rows=[ContractRead.model_validate(row, from_attributes=True) for row in rows], next=following)


@post("/api/contracts", responses=problem_responses(409, 422), **access("contracts.manage"))
async def new_contract(db: Db, actor: Who, data: JSONBody[ContractCreate]) -> ContractRead:
    """Record a signed contract."""
    row = await record_contract(db, actor, data)
    return ContractRead.model_validate(row, from_attributes=True)


@get("/api/contracts/{contract_id:uuid}", responses=problem_responses(404), **access(READ))
async def one_contract(db: Db, actor: Who, contract_id: FromPath[UUID]) -> ContractDetail:
    """One contract with its managers."""
    row = await contract_for(db, actor, contract_id)
    managers = [
        ManagerRead(id=part.id, person_id=person.id, name=person.name, role=part.role, weight=part.weight)
        for part, person in await managers_of(db, row.id)
    ]
    return ContractDetail(**ContractRead.model_validate(row, from_attributes=True).model_dump(), managers=managers)


@post(
    "/api/contracts/{contract_id:uuid}/registration",
    status_code=200,
    responses=problem_responses(404, 409, 422),
    **access("contracts.manage"),
)
async def register_contract(
    db: Db, actor: Who, contract_id: FromPath[UUID], data: JSONBody[RegistrationCreate]
) -> ContractRead:
    """Record the contract's registration."""
    row = await register(db, actor, contract_id, data)
    return ContractRead.model_validate(row, from_attributes=True)


@post(
    "/api/contracts/{contract_id:uuid}/void",
    status_code=200,
    responses=problem_responses(404, 409, 422),
    **access("contracts.manage"),
)
async def void_contract(db: Db, actor: Who, contract_id: FromPath[UUID], data: JSONBody[VoidCreate]) -> ContractRead:
    """Record that the contract is void."""
    row = await void(db, actor, contract_id, data)
    return ContractRead.model_validate(row, from_attributes=True)


@post(
    "/api/contracts/{contract_id:uuid}/end",
    status_code=200,
    responses=problem_responses(404, 409),
    **access("contracts.manage"),
)
async def end_contract(db: Db, actor: Who, contract_id: FromPath[UUID]) -> ContractRead:
    """Record that the contract has ended."""
    row = await end(db, actor, contract_id)
    return ContractRead.model_validate(row, from_attributes=True)


@post(
    "/api/contracts/{contract_id:uuid}/managers",
    responses=problem_responses(404, 409, 422),
    **access("contracts.manage"),
)
async def new_manager(db: Db, actor: Who, contract_id: FromPath[UUID], data: JSONBody[ManagerCreate]) -> ManagerRead:
    """Name a technology manager of the contract."""
    part = await name_manager(db, keyring_at(get_settings().keyring_path), actor, contract_id, data)
    return ManagerRead(id=part.id, person_id=part.person_id, name=data.name, role=part.role, weight=part.weight)


@delete(
    "/api/contracts/{contract_id:uuid}/managers/{part_id:uuid}",
    responses=problem_responses(404),
    **access("contracts.manage"),
)
async def drop_manager(db: Db, actor: Who, contract_id: FromPath[UUID], part_id: FromPath[UUID]) -> None:
    """Take back a part entered wrongly."""
    await remove_manager(db, actor, contract_id, part_id)


handlers = [
    list_contracts,
    new_contract,
    one_contract,
    register_contract,
    void_contract,
    end_contract,
    new_manager,
    drop_manager,
]
