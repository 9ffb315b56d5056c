"""Jobs of exams: closing what ran out of time, scoring what was closed or marked, telling people of results."""

from sqlalchemy.ext.asyncio import AsyncSession

from service.exams.actions.scoring import score_sitting
from service.exams.actions.sitting import anything_due, close_exams, close_expired
from service.exams.actions.telling import tell_person
from service.exams.events import ClosingDue, ResultSettled, SittingClosed, SittingMarked
from service.foundation.announcing import announce, every, on
from service.foundation.working import Work


@every("* * * * *")
async def look_for_expired(db: AsyncSession) -> None:
    """Each minute: when something is past its time, have it closed in small batches."""
    if await anything_due(db):
        await announce(db, ClosingDue())


@on(ClosingDue, own_transactions=True)
async def close_what_is_over(work: Work, event: ClosingDue) -> None:
    """Close expired sittings batch by batch, each in a transaction of its own, then the exam sessions."""
    closed = 1
    while closed:
        async with work.transaction() as db:
            closed = await close_expired(db)
    async with work.transaction(final=True) as db:
        await close_exams(db)


@on(SittingClosed)
async def score_closed(db: AsyncSession, event: SittingClosed) -> None:
    """Score a sitting that was closed."""
    await score_sitting(db, event.sitting_id)


@on(SittingMarked)
async def score_marked(db: AsyncSession, event: SittingMarked) -> None:
    """Score a sitting again after a mark."""
    await score_sitting(db, event.sitting_id)


@on(ResultSettled)
async def tell_of_result(db: AsyncSession, event: ResultSettled) -> None:
    """Write to the person whose result was released."""
    await tell_person(db, event.result_id)
