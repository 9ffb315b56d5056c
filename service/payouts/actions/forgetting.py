"""Forgetting what erased people wrote in objections, once they are settled."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from service.foundation.journal import note
from service.payouts.tables import Objection
from service.people.tables import Person


async def forget_objections(db: AsyncSession) -> int:
    """Blank ground and finding of the settled objections of people who were erased; returns how many. Again: none.

    An open objection is heard to its end first: it protects the others named in the notice too.
    """
    erased = sa.select(col(Person.id)).where(col(Person.erased_at).is_not(None))
    found = await db.execute(
        sa.update(Objection)
        .where(
            col(Objection.person_id).in_(erased), col(Objection.settled_at).is_not(None), col(Objection.ground) != ""
        )
        .values(ground="", finding=None)
        .returning(col(Objection.payout_id), col(Objection.org_id), col(Objection.person_id))
        .execution_options(synchronize_session=False)
    )
    rows = found.all()
    for payout_id, org_id, person_id in rows:
        await note(db, "payout.objection_erased", "payout", payout_id, org_id=org_id, person_id=person_id)
    return len(rows)
