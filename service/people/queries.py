"""Selects over persons, already narrowed to what the actor may see; the database narrows once more."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.foundation.journal import JournalEntry
from service.foundation.names import search_keys
from service.foundation.paging import bounded
from service.organisations.queries import names_of
from service.people.errors import PersonNeeded
from service.people.reading import purposes
from service.people.rules import english_name_choices
from service.people.schemas import (
    AffiliationRead,
    ConsentRead,
    DocumentRead,
    GroundRead,
    LookRead,
    PersonDetails,
    Profile,
    PurposeRead,
    QualificationRead,
)
from service.people.tables import (
    Affiliation,
    Consent,
    ErasureRequest,
    ErasureState,
    IdentityDocument,
    IdentityState,
    Person,
    PersonAccess,
    Qualification,
)

LOOKS = (
    "person.looked_at",
    "person.number_revealed",
    "person.document_seen",
    "people.exported",
    "document.read",
    "answer.read",
)
"""Acts of the journal that the person sees as looks."""


def own_id(actor: Actor) -> UUID:
    """The actor's own person; raises PersonNeeded while the account has not said whose it is."""
    if actor.person_id is None:
        raise PersonNeeded
    return actor.person_id


async def persons(db: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Person]:
    """The persons of these ids that the caller may see; others are simply not among the answer."""
    chosen = list(set(ids))
    if not chosen:
        return {}
    rows = await db.scalars(select(Person).where(col(Person.id).in_(chosen)))
    return {row.id: row for row in rows}


async def person(db: AsyncSession, person_id: UUID) -> Person:
    """One person the caller may see; raises NotFound."""
    row = (await db.scalars(select(Person).where(col(Person.id) == person_id))).first()
    if row is None:
        raise NotFound(what="person")
    return row


async def identities_of(db: AsyncSession, person_id: UUID) -> list[IdentityDocument]:
    """A person's documents that hold, newest first."""
    chosen = (
        select(IdentityDocument)
        .where(col(IdentityDocument.person_id) == person_id, col(IdentityDocument.state) != IdentityState.WITHDRAWN)
        .order_by(col(IdentityDocument.created_at).desc(), col(IdentityDocument.id).desc())
    )
    return list(await db.scalars(chosen))


async def identity_of(db: AsyncSession, person_id: UUID) -> IdentityDocument | None:
    """A person's newest document that holds, or None."""
    return next(iter(await identities_of(db, person_id)), None)


def _granted_to(org_id: UUID) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        col(PersonAccess.person_id) == col(Person.id),
        col(PersonAccess.org_id) == org_id,
        sa.or_(col(PersonAccess.until).is_(None), col(PersonAccess.until) > sa.func.now()),
    )


async def seen_people(
    db: AsyncSession, actor: Actor, search: str = "", after: tuple[str, UUID] | None = None, limit: int = 50
) -> list[Person]:
    """People the actor's organisation has a ground to see, in pinyin order; the search takes characters, pinyin, initials.

    `after` is (sort_key, id) of the last row of the page before.
    """
    chosen = (
        select(Person)
        .where(_granted_to(actor.org), col(Person.merged_into).is_(None), col(Person.erased_at).is_(None))
        .order_by(col(Person.sort_key).collate("C"), col(Person.id))
        .limit(bounded(limit))
    )
    keys = search_keys(search.strip())
    if keys:
        chosen = chosen.where(col(Person.name_keys).contains(keys))
    if after is not None:
        here = sa.tuple_(col(Person.sort_key).collate("C"), col(Person.id))
        chosen = chosen.where(here > sa.tuple_(sa.literal(after[0]), sa.literal(after[1])))
    return list(await db.scalars(chosen))


async def seen_person(db: AsyncSession, actor: Actor, person_id: UUID) -> Person:
    """One person the actor's organisation has a ground to see; raises NotFound, for nobody and not yours alike."""
    chosen = select(Person).where(col(Person.id) == person_id, _granted_to(actor.org), col(Person.erased_at).is_(None))
    row = (await db.scalars(chosen)).first()
    if row is None:
        raise NotFound(what="person")
    return row


async def grounds_on(db: AsyncSession, person_id: UUID) -> list[PersonAccess]:
    """Grounds on which organisations see the person, newest first; an organisation gets its own only."""
    chosen = select(PersonAccess).where(
        col(PersonAccess.person_id) == person_id,
        sa.or_(col(PersonAccess.until).is_(None), col(PersonAccess.until) > sa.func.now()),
    )
    return list(await db.scalars(chosen.order_by(col(PersonAccess.created_at).desc())))


async def qualifications_of(db: AsyncSession, person_id: UUID) -> list[Qualification]:
    """Credentials a person holds or held, newest first."""
    chosen = select(Qualification).where(col(Qualification.person_id) == person_id)
    return list(await db.scalars(chosen.order_by(col(Qualification.awarded_on).desc(), col(Qualification.id))))


async def consents_of(db: AsyncSession, person_id: UUID) -> list[Consent]:
    """Consents that hold, newest first."""
    chosen = select(Consent).where(col(Consent.person_id) == person_id, col(Consent.withdrawn_at).is_(None))
    return list(await db.scalars(chosen.order_by(col(Consent.created_at).desc())))


async def has_consented(db: AsyncSession, person_id: UUID, purpose: str, org_id: UUID | None = None) -> bool:
    """Whether a consent to the purpose holds."""
    return any(one.purpose == purpose and one.org_id == org_id for one in await consents_of(db, person_id))


async def affiliations_of(db: AsyncSession, person_id: UUID) -> list[Affiliation]:
    """Where a person works or worked, newest first."""
    chosen = select(Affiliation).where(col(Affiliation.person_id) == person_id)
    return list(await db.scalars(chosen.order_by(col(Affiliation.created_at).desc())))


async def employees(db: AsyncSession, actor: Actor, limit: int = 200) -> list[Affiliation]:
    """Employments the actor's organisation has recorded, newest first."""
    chosen = select(Affiliation).where(col(Affiliation.org_id) == actor.org)
    return list(await db.scalars(chosen.order_by(col(Affiliation.created_at).desc()).limit(bounded(limit))))


async def looks_at(db: AsyncSession, person_id: UUID, own_account: UUID | None, limit: int = 50) -> list[JournalEntry]:
    """Who looked at the person's data, newest first; the person's own account is not told of itself."""
    chosen = (
        select(JournalEntry)
        .where(col(JournalEntry.person_id) == person_id, col(JournalEntry.action).in_(LOOKS))
        .order_by(col(JournalEntry.created_at).desc(), col(JournalEntry.id).desc())
    )
    if own_account is not None:
        chosen = chosen.where(col(JournalEntry.account_id).is_distinct_from(own_account))
    return list(await db.scalars(chosen.limit(limit)))


async def erasure_requests(db: AsyncSession, state: ErasureState | None = ErasureState.OPEN) -> list[ErasureRequest]:
    """Requests for erasure, oldest first; a person gets their own only."""
    chosen = select(ErasureRequest).order_by(col(ErasureRequest.created_at))
    if state is not None:
        chosen = chosen.where(col(ErasureRequest.state) == state)
    return list(await db.scalars(chosen.limit(200)))


def spellings(row: Person) -> list[str]:
    """Spellings the holder may choose from: the confirmed one first, then the standard's."""
    choices = english_name_choices(row.name) if row.name else []
    return list(dict.fromkeys([*([row.english_name] if row.english_name else []), *choices]))


def offered_purposes() -> list[PurposeRead]:
    """The purposes one may consent to, as they are worded now."""
    return [
        PurposeRead(
            purpose=name,
            version=one.version,
            sensitive=one.sensitive,
            per_organisation=one.per_organisation,
            title=one.title.model_dump(),
            text=one.text.model_dump(),
        )
        for name, one in purposes().items()
    ]


async def documents_of(db: AsyncSession, person_id: UUID) -> list[DocumentRead]:
    """A person's documents that hold, masked, newest first."""
    return [DocumentRead.model_validate(one, from_attributes=True) for one in await identities_of(db, person_id)]


async def details_of(db: AsyncSession, actor: Actor, row: Person) -> PersonDetails:
    """A person as the details page of an organisation shows them: documents, credentials, its own grounds."""
    grounds = [one.ground for one in await grounds_on(db, row.id) if one.org_id == actor.org]
    return PersonDetails(
        id=row.id,
        name=row.name,
        english_name=row.english_name,
        documents=await documents_of(db, row.id),
        qualifications=[
            QualificationRead.model_validate(one, from_attributes=True) for one in await qualifications_of(db, row.id)
        ],
        grounds=list(dict.fromkeys(grounds)),
    )


async def profile_of(db: AsyncSession, actor: Actor) -> Profile:
    """Everything the service knows of the signed-in person, and who may see it and who looked."""
    if actor.person_id is None:
        return Profile(
            person_id=None,
            name=actor.name,
            english_name=None,
            english_confirmed=False,
            english_choices=[],
            documents=[],
            consents=[],
            affiliations=[],
            grounds=[],
            looks=[],
        )
    row = await person(db, actor.person_id)
    grounds, looks = await grounds_on(db, row.id), await looks_at(db, row.id, actor.account_id)
    affiliations, consents = await affiliations_of(db, row.id), await consents_of(db, row.id)
    told = [
        *(one.org_id for one in grounds),
        *(one.org_id for one in looks),
        *(one.org_id for one in affiliations),
        *(one.org_id for one in consents),
    ]
    names = await names_of(db, {one for one in told if one is not None})
    return Profile(
        person_id=row.id,
        name=row.name,
        english_name=row.english_name,
        english_confirmed=row.english_confirmed_at is not None,
        english_choices=spellings(row),
        documents=await documents_of(db, row.id),
        consents=[
            ConsentRead(
                id=one.id,
                purpose=one.purpose,
                text_version=one.text_version,
                org_id=one.org_id,
                organisation_name=names.get(one.org_id, {}) if one.org_id else {},
                created_at=one.created_at,
            )
            for one in consents
        ],
        affiliations=[
            AffiliationRead(**one.model_dump(), organisation_name=names.get(one.org_id, {})) for one in affiliations
        ],
        grounds=[
            GroundRead(
                org_id=one.org_id,
                organisation_name=names.get(one.org_id, {}),
                ground=one.ground,
                since=one.created_at,
                until=one.until,
            )
            for one in grounds
        ],
        looks=[
            LookRead(
                at=one.created_at,
                action=one.action,
                org_id=one.org_id,
                organisation_name=names.get(one.org_id, {}) if one.org_id else {},
                details=one.details,
            )
            for one in looks
        ],
    )
