"""All that the facts of one certificate are made of, read from the rooms that keep it."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from certificates.facts import CertificateKind
from service.bases.tables import Base
from service.courses.tables import CourseSession
from service.credentials.rules.composing import BaseNamed, Ground, PersonNamed, SessionNamed
from service.editions.queries import edition, find, standard_of, syllabus_of
from service.editions.tables import EditionKind
from service.enrolments.tables import Enrolment
from service.foundation import clock
from service.organisations.queries import organisation
from service.people.queries import person as person_of
from service.people.rules import IDENTITY_NAMES, IdentityKind
from service.people.tables import IdentityDocument, Person
from service.settings import Settings


def named(holder: Person, document: IdentityDocument) -> PersonNamed:
    """The holder as on record now."""
    return PersonNamed(
        name=holder.name,
        english_name=holder.english_name,
        english_confirmed=holder.english_confirmed_at is not None,
        identity_kind=document.kind,
        identity_title=IDENTITY_NAMES[IdentityKind(document.kind)],
        masked=document.masked,
    )


async def ground_of(
    db: AsyncSession,
    settings: Settings,
    *,
    kind: CertificateKind,
    enrolment: Enrolment,
    evidence: dict[str, Any],
    session: CourseSession,
    base: Base,
    awarded_on: date,
) -> Ground:
    """What the certificate of an enrolment says, from the evidence a judgement kept and the records as they are now."""
    identity = select(IdentityDocument).where(col(IdentityDocument.id) == UUID(str(evidence["identity_document_id"])))
    document = (await db.scalars(identity)).one()
    entity = await organisation(db, session.org_id)
    syllabus = await syllabus_of(db, enrolment.syllabus_id)
    standard_row = await find(db, EditionKind.STANDARD, *syllabus.standard)
    return Ground(
        kind=kind,
        person=named(await person_of(db, enrolment.person_id), document),
        base=BaseNamed(
            code=base.code,
            name=base.name,
            verified=base.verified,
            source=base.source,
            listed_on=base.evidence_on or clock.today(),
            entity=entity.name,
            uscc=entity.uscc,
        ),
        session=SessionNamed(session.code, session.title, session.starts_on, session.ends_on),
        syllabus=syllabus,
        syllabus_digest=(await edition(db, enrolment.syllabus_id)).digest,
        standard=None if standard_row is None else await standard_of(db, standard_row.id),
        standard_digest=None if standard_row is None else standard_row.digest,
        evidence=evidence,
        awarded_on=awarded_on,
        specimen=settings.demo or entity.sandbox,
    )
