"""Telling whoever decides on certificates that one rests on a result that was replaced."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from certificates.facts import CertificateKind
from service.accounts.tables import Post
from service.credentials.queries import live_credential
from service.exams.queries import released_result
from service.foundation import clock
from service.foundation.journal import note
from service.letters.actions import write

DECIDER = "certification_decider"


async def tell_decider(db: AsyncSession, org_id: UUID, enrolment_id: UUID) -> int:
    """Write to every decider of the organisation when a live level certificate rests on a result that does not pass.

    Nothing is suspended or revoked here: two people decide that. Returns how many were told. Needs the reach of the system.
    """
    row = await live_credential(db, enrolment_id, CertificateKind.LEVEL.value)
    stands = await released_result(db, enrolment_id)
    if row is None or stands is None or stands.passed:
        return 0
    day = clock.today()
    deciders = await db.scalars(
        sa.select(col(Post.account_id))
        .where(
            col(Post.org_id) == org_id,
            col(Post.role) == DECIDER,
            col(Post.starts_on) <= day,
            sa.or_(col(Post.ends_on).is_(None), col(Post.ends_on) >= day),
        )
        .distinct()
    )
    facts = {"credential_id": str(row.id), "number": row.number}
    told = list(deciders)
    for account_id in told:
        await write(db, kind="credential.result_changed", facts=facts, account_id=account_id, org_id=org_id)
    await note(db, "credential.result_changed", "credential", row.id, person_id=row.person_id, org_id=org_id)
    return len(told)
