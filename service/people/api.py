"""The room of people for machines: one's own data, people seen on a ground, employees, erasure."""

from typing import Any
from uuid import UUID

from litestar import Request, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.status_codes import HTTP_200_OK

from service.foundation.paging import Page
from service.organisations.queries import names_of
from service.people.actions import (
    answer_employer,
    change_name,
    confirm_english_name,
    decide_erasure,
    end_employment,
    give_consent,
    look_at,
    mark_seen,
    own_data,
    record_employee,
    request_erasure,
    reveal_number,
    withdraw_consent,
)
from service.people.doorway import declared, keyring, people_after, renamed
from service.people.queries import (
    details_of,
    employees,
    erasure_requests,
    offered_purposes,
    profile_of,
    seen_person,
)
from service.people.reading import FieldClass, personal_fields
from service.people.schemas import (
    AffiliationRead,
    Answer,
    ConsentGive,
    DocumentRead,
    EmployeeCreate,
    EmploymentEnd,
    EnglishName,
    ErasureDecision,
    ErasureRead,
    IdentityDeclare,
    NameChange,
    PersonDetails,
    PersonRead,
    Profile,
    PurposeRead,
    Reveal,
    RevealedNumber,
)
from service.people.tables import Affiliation
from service.web.access import SIGNED_IN, Who, access
from service.web.database import Db
from service.web.problems import problem_responses


@get("/api/my/profile", **access("own.profile"))
async def my_profile(db: Db, actor: Who) -> Profile:
    """Who I am, what I agreed to, who may see me, who looked."""
    return await profile_of(db, actor)


@post("/api/my/identity", responses=problem_responses(409, 422, 429), **access("own.profile"))
async def my_identity(
    request: Request[Any, Any, Any], db: Db, actor: Who, data: JSONBody[IdentityDeclare]
) -> PersonRead:
    """Say who I am by identity document; a further document when I have done so before."""
    return PersonRead.model_validate(await declared(request, db, actor, data), from_attributes=True)


@put("/api/my/name", responses=problem_responses(404, 409, 422), **access("own.profile"))
async def my_name(db: Db, actor: Who, data: JSONBody[NameChange]) -> PersonRead:
    """Change my name, while no certificate bears it."""
    row = await renamed(db, actor, data.name)
    return PersonRead.model_validate(row, from_attributes=True)


@put("/api/my/english-name", responses=problem_responses(404, 422), **access("own.profile"))
async def my_english_name(db: Db, actor: Who, data: JSONBody[EnglishName]) -> PersonRead:
    """Confirm how my name is spelt in English on certificates."""
    row = await confirm_english_name(db, actor, data.english_name)
    return PersonRead.model_validate(row, from_attributes=True)


@get("/api/my/purposes", **access(SIGNED_IN))
async def my_purposes() -> list[PurposeRead]:
    """What I may consent to, with the texts."""
    return offered_purposes()


@post("/api/my/consents", responses=problem_responses(404, 422), **access("own.profile"))
async def agree(db: Db, actor: Who, data: JSONBody[ConsentGive]) -> dict[str, UUID]:
    """Consent to one purpose; answers the consent's id."""
    return {"id": (await give_consent(db, actor, data.purpose, data.org_id)).id}


@delete("/api/my/consents/{consent_id:uuid}", responses=problem_responses(404), **access("own.profile"))
async def take_back(db: Db, actor: Who, consent_id: FromPath[UUID]) -> None:
    """Withdraw a consent; it ends at once."""
    await withdraw_consent(db, actor, consent_id)


@post(
    "/api/my/employers/{affiliation_id:uuid}/answer",
    status_code=HTTP_200_OK,
    responses=problem_responses(404, 409),
    **access("own.profile"),
)
async def answer(db: Db, actor: Who, affiliation_id: FromPath[UUID], data: JSONBody[Answer]) -> AffiliationRead:
    """Answer an employer that has recorded me."""
    row = await answer_employer(db, actor, affiliation_id, data.agree)
    return (await shown_affiliations(db, [row]))[0]


@get("/api/my/data", responses=problem_responses(404), **access("own.profile"))
async def my_data(db: Db, actor: Who) -> dict[str, Any]:
    """Everything stored about me that I may read."""
    return await own_data(db, keyring(), actor)


@post("/api/my/erasure", responses=problem_responses(404, 409), **access("own.profile"))
async def my_erasure(db: Db, actor: Who) -> ErasureRead:
    """Ask to be erased."""
    return ErasureRead.model_validate(await request_erasure(db, actor), from_attributes=True)


@get("/api/personal-fields", **access(SIGNED_IN))
async def field_register() -> dict[str, dict[str, FieldClass]]:
    """The register of personal data: table, column, why, on what basis, how long, seen by whom."""
    return personal_fields()


@get("/api/people", responses=problem_responses(422), **access("people.read"))
async def list_people(
    db: Db, actor: Who, q: FromQuery[str] = "", cursor: FromQuery[str | None] = None, limit: FromQuery[int] = 50
) -> Page[PersonRead]:
    """People my organisation has a ground to see, by characters, pinyin or initials."""
    rows, following = await people_after(db, actor, q, cursor, limit)
    return Page(
        rows=[PersonRead.model_validate(row, from_attributes=True) for row in rows],
        next=following,
    )


@get("/api/people/{person_id:uuid}", responses=problem_responses(404), **access("people.read"))
async def read_person(db: Db, actor: Who, person_id: FromPath[UUID]) -> PersonDetails:
    """One person my organisation has a ground to see; the person sees that we looked."""
    return await details_of(db, actor, await look_at(db, actor, person_id))


@put("/api/people/{person_id:uuid}/name", responses=problem_responses(404, 422), **access("people.enter"))
async def correct_name(db: Db, actor: Who, person_id: FromPath[UUID], data: JSONBody[NameChange]) -> PersonRead:
    """Change a person's name after seeing the new document; the earlier one is kept."""
    row = await change_name(db, keyring(), actor, await seen_person(db, actor, person_id), data.name)
    return PersonRead.model_validate(row, from_attributes=True)


@post(
    "/api/people/documents/{document_id:uuid}/reveal",
    status_code=HTTP_200_OK,
    responses=problem_responses(404, 422),
    **access("people.enter"),
)
async def reveal(db: Db, actor: Who, document_id: FromPath[UUID], data: JSONBody[Reveal]) -> RevealedNumber:
    """A full identity number, for a recorded reason that the person sees."""
    return RevealedNumber(number=await reveal_number(db, keyring(), actor, document_id, data.reason))


@post(
    "/api/people/documents/{document_id:uuid}/seen",
    status_code=HTTP_200_OK,
    responses=problem_responses(404),
    **access("people.enter"),
)
async def seen(db: Db, actor: Who, document_id: FromPath[UUID]) -> DocumentRead:
    """The original document was seen."""
    return DocumentRead.model_validate(await mark_seen(db, actor, document_id), from_attributes=True)


async def shown_affiliations(db: Db, rows: list[Affiliation]) -> list[AffiliationRead]:
    """Employments with the names of their organisations."""
    names = await names_of(db, {row.org_id for row in rows})
    return [AffiliationRead(**row.model_dump(), organisation_name=names.get(row.org_id, {})) for row in rows]


@get("/api/employees", **access("people.employ"))
async def list_employees(db: Db, actor: Who) -> list[AffiliationRead]:
    """Employments my organisation has recorded; who has not answered is masked."""
    return await shown_affiliations(db, await employees(db, actor))


@post("/api/employees", responses=problem_responses(409, 422), **access("people.employ"))
async def new_employee(db: Db, actor: Who, data: JSONBody[EmployeeCreate]) -> AffiliationRead:
    """Record that a person works for us and ask the person."""
    return (await shown_affiliations(db, [await record_employee(db, keyring(), actor, data)]))[0]


@post(
    "/api/employees/{affiliation_id:uuid}/end",
    status_code=HTTP_200_OK,
    responses=problem_responses(404, 422),
    **access("people.employ"),
)
async def end_employee(
    db: Db, actor: Who, affiliation_id: FromPath[UUID], data: JSONBody[EmploymentEnd]
) -> AffiliationRead:
    """Say when an employment ends; we stop seeing the person now."""
    return (await shown_affiliations(db, [await end_employment(db, actor, affiliation_id, data.ends_on)]))[0]


@get("/api/erasures", **access("people.erase"))
async def list_erasures(db: Db) -> list[ErasureRead]:
    """Open requests for erasure, without names."""
    return [ErasureRead.model_validate(row, from_attributes=True) for row in await erasure_requests(db)]


@post(
    "/api/erasures/{request_id:uuid}",
    status_code=HTTP_200_OK,
    responses=problem_responses(404, 409),
    **access("people.erase"),
)
async def settle_erasure(
    db: Db, actor: Who, request_id: FromPath[UUID], data: JSONBody[ErasureDecision]
) -> ErasureRead:
    """Carry out or refuse a request for erasure."""
    row = await decide_erasure(db, actor, request_id, data.carry_out, data.reason)
    return ErasureRead.model_validate(row, from_attributes=True)


handlers = [
    my_profile,
    my_identity,
    my_name,
    my_english_name,
    my_purposes,
    agree,
    take_back,
    answer,
    my_data,
    my_erasure,
    field_register,
    list_people,
    read_person,
    correct_name,
    reveal,
    seen,
    list_employees,
    new_employee,
    end_employee,
    list_erasures,
    settle_erasure,
]
