"""The register of bases for machines."""

from uuid import UUID

from litestar import get, post, put
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.status_codes import HTTP_200_OK

from service.bases.actions import add_base, add_host, change_base, end_host, load_register, record_evidence
from service.bases.queries import base_by_code, bases, details_of
from service.bases.reading import read_register
from service.bases.schemas import (
    BaseChange,
    BaseCreate,
    BaseDetails,
    BaseRead,
    EvidenceCreate,
    HostCreate,
    HostEnd,
    RegisterFile,
)
from service.web.access import access
from service.web.database import Db
from service.web.problems import problem_responses


@get("/api/bases", **access("bases.read|bases.manage"))
async def list_bases(
    db: Db,
    tier: FromQuery[str | None] = None,
    province: FromQuery[str | None] = None,
    verified: FromQuery[bool | None] = None,
) -> list[BaseRead]:
    """The register, by code."""
    return [BaseRead.model_validate(row, from_attributes=True) for row in await bases(db, tier, province, verified)]


@get("/api/bases/{code:str}", responses=problem_responses(404), **access("bases.read|bases.manage"))
async def read_base(db: Db, code: FromPath[str]) -> BaseDetails:
    """One base with hosts and record."""
    return await details_of(db, await base_by_code(db, code))


@post("/api/bases", responses=problem_responses(404, 409, 422), **access("bases.manage"))
async def new_base(db: Db, data: JSONBody[BaseCreate]) -> BaseRead:
    """List a further base, unverified."""
    return BaseRead.model_validate(await add_base(db, data), from_attributes=True)


@put("/api/bases/{code:str}", responses=problem_responses(404, 422), **access("bases.manage"))
async def correct_base(db: Db, code: FromPath[str], data: JSONBody[BaseChange]) -> BaseRead:
    """Correct a base's name, province or parent."""
    return BaseRead.model_validate(await change_base(db, code, data), from_attributes=True)


@post("/api/bases/{code:str}/evidence", responses=problem_responses(404, 422), **access("bases.manage"))
async def new_evidence(db: Db, code: FromPath[str], data: JSONBody[EvidenceCreate]) -> BaseDetails:
    """Record evidence for or against a base."""
    return await details_of(db, await record_evidence(db, code, data))


@post("/api/bases/{code:str}/hosts", responses=problem_responses(404, 409, 422), **access("bases.manage"))
async def new_host(db: Db, code: FromPath[str], data: JSONBody[HostCreate]) -> BaseDetails:
    """Record a host of a base."""
    await add_host(db, code, data)
    return await details_of(db, await base_by_code(db, code))


@post(
    "/api/bases/{code:str}/hosts/{host_id:uuid}/end",
    status_code=HTTP_200_OK,
    responses=problem_responses(404, 422),
    **access("bases.manage"),
)
async def host_leaves(db: Db, code: FromPath[str], host_id: FromPath[UUID], data: JSONBody[HostEnd]) -> BaseDetails:
    """Say when a hosting ends."""
    await end_host(db, code, host_id, data.ends_on)
    return await details_of(db, await base_by_code(db, code))


@post("/api/bases/register", status_code=HTTP_200_OK, responses=problem_responses(422), **access("bases.manage"))
async def load_file(db: Db, data: JSONBody[RegisterFile]) -> dict[str, int]:
    """List the bases of a register file that are not there yet; answers how many."""
    return {"made": await load_register(db, read_register(data.text))}


handlers = [
    list_bases,
    read_base,
    new_base,
    correct_base,
    new_evidence,
    new_host,
    host_leaves,
    load_file,
]
