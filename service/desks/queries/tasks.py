"""All tasks of the actor's home page."""

from sqlalchemy.ext.asyncio import AsyncSession

from service.desks.queries.own import FINDERS
from service.desks.queries.staff import BY_PERMISSION
from service.desks.rules import Task, in_order
from service.foundation.actor import Actor


async def tasks_of(db: AsyncSession, actor: Actor) -> list[Task]:
    """What needs the actor today, the most pressing first."""
    found: list[Task] = []
    if actor.org_id is not None:
        for permission, find in BY_PERMISSION:
            if any(actor.may(one) for one in permission.split("|")):
                found.extend(await find(db, actor))
    for find_own in FINDERS:
        found.extend(await find_own(db, actor))
    return in_order(found)
