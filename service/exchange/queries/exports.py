"""What an export may hold: people on a recorded ground, the certificates that ground covers, the organisation's own records."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.contracts.tables import TechnologyContract
from service.exchange.tables import ExportState, FileExport
from service.foundation.actor import Actor
from service.foundation.errors import NotFound
from service.incentives.tables import Accrual, AccrualLine, Agreement, Plan, PlanVersion, RevenueEvent
from service.people.tables import IdentityDocument, IdentityState, Person, PersonAccess

# Credentials belong to their issuer and their holder. Another organisation reads the few facts below of a person it has
# a ground on: employment or the holder's consent cover all of them, having sent the person to a course covers that
# course's only, a technology contract covers none. Of a
# number the last version only: one certificate is one row. The organisation is the caller's own, whoever calls.
GRANTED_CREDENTIALS = """
CREATE FUNCTION granted_credentials(in_people uuid[])
RETURNS TABLE (credential_id uuid, person_id uuid, number text, version integer, kind text, state text, specimen boolean,
    public_facts jsonb, awarded_on date, valid_from date, valid_until date, document_id uuid, file_key text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT credential.id, credential.person_id, credential.number, credential.version, credential.kind, credential.state,
        credential.specimen, credential.public_facts, credential.awarded_on, credential.valid_from,
        credential.valid_until, issued_document.id, issued_document.file_key
    FROM credential
    LEFT JOIN issued_document ON issued_document.id = credential.document_id AND issued_document.state = 'ready'
    WHERE credential.person_id = ANY (in_people) AND NOT EXISTS (
        SELECT 1 FROM credential AS later WHERE later.number = credential.number AND later.version > credential.version)
        AND EXISTS (
        SELECT 1 FROM person_access AS granted
        WHERE granted.person_id = credential.person_id AND granted.org_id = app_org()
            AND (granted.until IS NULL OR granted.until > now())
            AND (granted.ground IN ('employment', 'consent')
                OR granted.ground = 'enrolment' AND granted.source_id = credential.enrolment_id))
    ORDER BY credential.awarded_on, credential.number, credential.version
$$
"""


@dataclass(frozen=True)
class GrantedCredential:
    """What a ground lets an organisation know of a certificate; `file_key` is set when its paper is ready."""

    credential_id: UUID
    person_id: UUID
    number: str
    version: int
    kind: str
    state: str
    specimen: bool
    public_facts: dict[str, Any]
    awarded_on: date
    valid_from: date
    valid_until: date | None
    document_id: UUID | None
    file_key: str | None

    def state_on(self, day: date) -> str:
        """valid, expired, suspended, revoked or superseded on a day."""
        over = self.valid_until is not None and self.valid_until < day
        return "expired" if self.state == "valid" and over else self.state


def holds(org_id: UUID) -> sa.ColumnElement[bool]:
    """A ground of this organisation that holds now; said again here because a job's role sees every row."""
    return sa.and_(
        col(PersonAccess.org_id) == org_id,
        sa.or_(col(PersonAccess.until).is_(None), col(PersonAccess.until) > sa.func.now()),
    )


def _seen(org_id: UUID) -> sa.ColumnElement[bool]:
    granted = sa.exists().where(col(PersonAccess.person_id) == col(Person.id), holds(org_id))
    return sa.and_(granted, col(Person.merged_into).is_(None), col(Person.erased_at).is_(None))


async def count_granted(db: AsyncSession, org_id: UUID) -> int:
    """How many people the organisation has a ground to see."""
    return int(await db.scalar(sa.select(sa.func.count()).select_from(Person).where(_seen(org_id))) or 0)


async def granted_people(
    db: AsyncSession, org_id: UUID, after: tuple[str, UUID] | None = None, limit: int = 200
) -> list[Person]:
    """People the organisation has a ground to see, by name, in batches; `after` is (sort_key, id) of the last one."""
    chosen = select(Person).where(_seen(org_id)).order_by(col(Person.sort_key).collate("C"), col(Person.id))
    if after is not None:
        here = sa.tuple_(col(Person.sort_key).collate("C"), col(Person.id))
        chosen = chosen.where(here > sa.tuple_(sa.literal(after[0]), sa.literal(after[1])))
    return list(await db.scalars(chosen.limit(limit)))


async def no_longer_granted(db: AsyncSession, org_id: UUID, people: Sequence[UUID]) -> int:
    """How many of these people the organisation may not see any more."""
    if not people:
        return 0
    seen = sa.select(sa.func.count()).select_from(Person).where(col(Person.id).in_(people), _seen(org_id))
    return len(people) - int(await db.scalar(seen) or 0)


@dataclass(frozen=True)
class SeenOn:
    """The grounds on which a person is seen, and until when; `until` None means without end."""

    grounds: tuple[str, ...]
    until: datetime | None


async def grounds_of(db: AsyncSession, org_id: UUID, people: Iterable[UUID]) -> dict[UUID, SeenOn]:
    """The organisation's own grounds on these people."""
    rows = await db.scalars(select(PersonAccess).where(col(PersonAccess.person_id).in_(list(people)), holds(org_id)))
    found: dict[UUID, list[PersonAccess]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return {
        person_id: SeenOn(
            tuple(sorted({one.ground for one in held})),
            None if any(one.until is None for one in held) else max(one.until for one in held if one.until),
        )
        for person_id, held in found.items()
    }


async def identities(db: AsyncSession, people: Iterable[UUID]) -> dict[UUID, IdentityDocument]:
    """The newest identity document that holds of each of these people."""
    rows = await db.scalars(
        select(IdentityDocument)
        .where(
            col(IdentityDocument.person_id).in_(list(people)), col(IdentityDocument.state) != IdentityState.WITHDRAWN
        )
        .order_by(col(IdentityDocument.created_at), col(IdentityDocument.id))
    )
    return {row.person_id: row for row in rows}


async def granted_credentials(db: AsyncSession, people: Iterable[UUID]) -> list[GrantedCredential]:
    """The certificates of these people that the caller's organisation has a ground to know of, oldest first."""
    rows = await db.execute(
        sa.text("SELECT * FROM granted_credentials(:people)").bindparams(
            sa.bindparam("people", type_=sa.ARRAY(sa.Uuid()))
        ),
        {"people": list(people)},
    )
    return [GrantedCredential(**row) for row in rows.mappings()]


async def count_accruals(db: AsyncSession, org_id: UUID) -> int:
    """How many parts of accruals the organisation has on record."""
    chosen = sa.select(sa.func.count()).select_from(AccrualLine).where(col(AccrualLine.org_id) == org_id)
    return int(await db.scalar(chosen) or 0)


async def accrual_lines(
    db: AsyncSession, org_id: UUID, after: UUID | None = None, limit: int = 200
) -> list[dict[str, Any]]:
    """The organisation's parts of accruals with contract, plan and event, in the order of entry, in batches."""
    columns: list[Any] = [
        col(AccrualLine.id).label("line_id"),
        col(AccrualLine.person_id),
        col(AccrualLine.earned_fen),
        col(AccrualLine.amount_fen).label("booked_fen"),
        col(Accrual.kind).label("accrual_kind"),
        col(RevenueEvent.kind).label("event_kind"),
        col(RevenueEvent.reference),
        col(RevenueEvent.effective_on),
        col(RevenueEvent.amount_fen).label("event_fen"),
        col(TechnologyContract.contract_no),
        col(TechnologyContract.title).label("contract_title"),
        col(Plan.title).label("plan_title"),
    ]
    chosen = (
        sa.select(*columns)
        .join(Accrual, col(Accrual.id) == col(AccrualLine.accrual_id))
        .join(RevenueEvent, col(RevenueEvent.id) == col(Accrual.event_id))
        .join(TechnologyContract, col(TechnologyContract.id) == col(RevenueEvent.contract_id))
        .join(Agreement, col(Agreement.id) == col(Accrual.agreement_id))
        .join(PlanVersion, col(PlanVersion.id) == col(Agreement.plan_version_id))
        .join(Plan, col(Plan.id) == col(PlanVersion.plan_id))
        .where(col(AccrualLine.org_id) == org_id)
        .order_by(col(AccrualLine.id))
        .limit(limit)
    )
    if after is not None:
        chosen = chosen.where(col(AccrualLine.id) > after)
    return [dict(row) for row in (await db.execute(chosen)).mappings()]


async def granted_names(db: AsyncSession, org_id: UUID, people: Iterable[UUID]) -> dict[UUID, str]:
    """Names of those among these people whom the organisation has a ground to see."""
    rows = await db.execute(
        sa.select(col(Person.id), col(Person.name)).where(col(Person.id).in_(list(people)), _seen(org_id))
    )
    return {row[0]: row[1] for row in rows}


async def exports_of(db: AsyncSession, actor: Actor, limit: int = 50) -> list[FileExport]:
    """The account's own exports, newest first."""
    chosen = select(FileExport).where(
        col(FileExport.org_id) == actor.org, col(FileExport.account_id) == actor.account_id
    )
    return list(await db.scalars(chosen.order_by(col(FileExport.id).desc()).limit(limit)))


async def export_for(db: AsyncSession, actor: Actor, export_id: UUID) -> FileExport:
    """One of the account's own exports; raises NotFound."""
    chosen = select(FileExport).where(
        col(FileExport.id) == export_id,
        col(FileExport.org_id) == actor.org,
        col(FileExport.account_id) == actor.account_id,
    )
    row = (await db.scalars(chosen)).first()
    if row is None:
        raise NotFound(what="export")
    return row


async def open_exports(db: AsyncSession, actor: Actor) -> int:
    """How many of the account's exports are still being made."""
    chosen = (
        sa.select(sa.func.count())
        .select_from(FileExport)
        .where(
            col(FileExport.account_id) == actor.account_id,
            col(FileExport.state).in_((ExportState.WAITING, ExportState.RUNNING)),
        )
    )
    return int(await db.scalar(chosen) or 0)
