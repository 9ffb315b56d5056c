"""Erasure at the person's request: the key is destroyed, names and numbers go, digests and states stay."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.announcing import announce
from service.foundation.errors import NotFound, StateConflict
from service.foundation.journal import note
from service.people.errors import ErasureAsked, HoldsAPost
from service.people.events import PersonalDataErased
from service.people.queries import own_id
from service.people.tables import ErasureRequest, ErasureState


async def request_erasure(db: AsyncSession, actor: Actor) -> ErasureRequest:
    """The person asks to be erased. Raises ErasureAsked while an earlier request is open."""
    open_one = await db.scalar(
        select(ErasureRequest).where(
            col(ErasureRequest.person_id) == own_id(actor), col(ErasureRequest.state) == ErasureState.OPEN
        )
    )
    if open_one is not None:
        raise ErasureAsked(day=open_one.created_at.astimezone(clock.BEIJING).date())
    row = ErasureRequest(person_id=own_id(actor), account_id=actor.account_id)  # type: ignore[arg-type]
    db.add(row)
    await db.flush()
    await note(db, "erasure.asked", "erasure_request", row.id, person_id=row.person_id)
    return row


async def decide_erasure(
    db: AsyncSession, actor: Actor, request_id: UUID, carry_out: bool, reason: str | None = None
) -> ErasureRequest:
    """The security administrator carries a request out, or refuses it with a reason. Raises NotFound, StateConflict."""
    chosen = select(ErasureRequest).where(col(ErasureRequest.id) == request_id).with_for_update()
    row = (await db.scalars(chosen)).first()
    if row is None:
        raise NotFound(what="erasure_request")
    if row.state is not ErasureState.OPEN:
        raise StateConflict(state=row.state.value)
    if carry_out:
        await erase_person(db, actor, row.person_id)
    row.state = ErasureState.DONE if carry_out else ErasureState.REFUSED
    row.decided_by, row.decided_at, row.reason = actor.account_id, clock.now(), reason
    if not carry_out:
        await note(db, "erasure.refused", "erasure_request", row.id, person_id=row.person_id)
    return row


async def erase_person(db: AsyncSession, actor: Actor, person_id: UUID) -> None:
    """Destroy a person's key and blank name, documents, contact and sign-ins; rooms above are told and blank theirs.

    What stays: ids, numbers, digests, states and dates of what was issued. Raises NotFound (also when erased already)
    and HoldsAPost. Needs the reach of the authority.
    """
    actor.must("people.erase")
    await db.flush()
    held = await db.scalar(sa.text("SELECT erase_person(:person)"), {"person": person_id})
    if held is None or held < 0:
        raise NotFound(what="person")
    if held > 0:
        raise HoldsAPost(count=held)
    await note(db, "person.erased", "person", person_id, person_id=person_id)
    await announce(db, PersonalDataErased(person_id=person_id))
