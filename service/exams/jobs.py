"""Jobs of exams: closing what ran out of time, scoring what was closed or marked, telling people of results."""

from sqlalchemy.ext.asyncio import AsyncSession

from service.exams.actions.forgetting import forget_answers
from service.exams.actions.scoring import score_sitting
from service.exams.actions.sitting import anything_due, close_exams, close_expired
from service.exams.actions.telling import tell_person
from service.exams.events import ClosingDue, ResultSettled, SittingClosed, SittingMarked
from service.foundation.announcing import announce, every, on
from service.foundation.working import Work
from service.people.events import PersonalDataErased


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


@on(PersonalDataErased)
async def forget_erased(db: AsyncSession, event: PersonalDataErased) -> None:
    """Blank what an erased person wrote, where the result is final; the rest goes by the nightly look."""
    await forget_answers(db, event.person_id)


@every("30 18 * * *")
async def forget_what_is_due(db: AsyncSession) -> None:
    """Each night at 02:30, Beijing time: what became final of erased people, and what is five years old."""
    await forget_answers(db)


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
