"""The register of legal entities for machines."""

from uuid import UUID

from litestar import get, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from service.foundation.paging import Page, bounded, cursor_of, key_of
from service.organisations.actions import change_organisation, create_organisation
from service.organisations.queries import organisation, organisations
from service.organisations.schemas import OrganisationChange, OrganisationCreate, OrganisationRead
from service.web.access import SIGNED_IN, access
from service.web.database import Db
from service.web.problems import problem_responses


@get("/api/organisations", responses=problem_responses(422), **access(SIGNED_IN))
async def list_organisations(
    db: Db,
    q: FromQuery[str] = "",
    kind: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Page[OrganisationRead]:
    """Legal entities by characters, pinyin, initials of the name or by credit code."""
    rows = await organisations(db, q[:100], kind, key_of(cursor), limit)
    full = len(rows) == bounded(limit)
    return Page(
        rows=[OrganisationRead.model_validate(row, from_attributes=True) for row in rows],
        next=cursor_of(rows[-1].id) if full else None,
    )


@get("/api/organisations/{org_id:uuid}", responses=problem_responses(404), **access(SIGNED_IN))
async def read_organisation(db: Db, org_id: FromPath[UUID]) -> OrganisationRead:
    """One legal entity."""
    return OrganisationRead.model_validate(await organisation(db, org_id), from_attributes=True)


@post("/api/organisations", responses=problem_responses(409, 422), **access("organisations.manage"))
async def new_organisation(db: Db, data: JSONBody[OrganisationCreate]) -> OrganisationRead:
    """Enter a legal entity."""
    return OrganisationRead.model_validate(await create_organisation(db, data), from_attributes=True)


@put("/api/organisations/{org_id:uuid}", responses=problem_responses(404, 409, 422), **access("organisations.manage"))
async def correct_organisation(db: Db, org_id: FromPath[UUID], data: JSONBody[OrganisationChange]) -> OrganisationRead:
    """Correct a legal entity, whole."""
    return OrganisationRead.model_validate(await change_organisation(db, org_id, data), from_attributes=True)


handlers = [list_organisations, read_organisation, new_organisation, correct_organisation]
