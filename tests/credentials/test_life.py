"""The life of a credential as a state machine: whatever two people try in whatever order, the model and the database agree."""

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from service.credentials.actions import decide_change, propose_change
from service.credentials.queries import status_indices
from service.credentials.rules.states import REASONS, may_step
from service.credentials.tables import Credential
from service.foundation.errors import DomainError
from service.people.tables import Qualification
from tests.conftest import World
from tests.given import credentials as given_credentials
from tests.given.credentials import IssuingWorld

TARGETS = ("valid", "suspended", "revoked", "superseded")
ACTS = st.one_of(
    st.tuples(st.just("propose"), st.sampled_from(TARGETS)),
    st.tuples(st.sampled_from(["approve", "refuse", "approve own"]), st.just("")),
    st.tuples(st.just("by hand"), st.sampled_from(TARGETS)),
)


class Life:
    """What should be so: the state, and what is proposed."""

    def __init__(self) -> None:
        self.state = "valid"
        self.proposed: tuple[str, str] | None = None  # to which state, from which
        self.was_revoked = False

    def expects(self, act: str, target: str) -> bool:
        """Whether the act should succeed; the model moves on when it does."""
        if act == "propose":
            good = target in REASONS and may_step(self.state, target) and self.proposed is None
            if good:
                self.proposed = (target, self.state)
            return good
        if act == "by hand":
            good = target == self.state or may_step(self.state, target)
            if good:
                self.state = target
        elif act == "approve own" or self.proposed is None:
            good = False
        elif act == "refuse":
            good, self.proposed = True, None
        else:
            # A proposal is about the state it was made in: moved since then, it must be made again.
            good = self.proposed[1] == self.state
            if good:
                self.state, self.proposed = self.proposed[0], None
        self.was_revoked = self.was_revoked or self.state == "revoked"
        return good


async def perform(db: AsyncSession, house: IssuingWorld, made: Credential, act: str, target: str) -> bool:
    """Try one act; a refusal leaves nothing behind."""
    try:
        async with db.begin_nested():
            if act == "propose":
                reason = next(iter(REASONS.get(target, {"none": ""})))
                await propose_change(db, house.director, made.id, to_state=target, reason=reason)
            elif act == "approve own":
                own = given_credentials.standing_in(house.director, house.decider)
                await decide_change(db, own, made.id, approve=True)
            elif act == "by hand":
                await db.execute(
                    sa.text("UPDATE credential SET state = :state WHERE id = :id"), {"state": target, "id": made.id}
                )
            else:
                await decide_change(db, house.decider, made.id, approve=act == "approve", reason="理由")
    except (DomainError, DBAPIError):
        return False
    return True


@pytest.fixture
async def issued(world: World) -> tuple[IssuingWorld, Credential]:
    """A base with one certificate issued, for all examples; each takes its own steps back."""
    async with world() as db:
        house = await given_credentials.issuing_world(db)
        [made] = await given_credentials.issued(db, house)
    return house, made


@given(acts=st.lists(ACTS, max_size=12))
@example(acts=[("propose", "revoked"), ("approve", ""), ("by hand", "valid"), ("propose", "valid"), ("approve", "")])
@example(acts=[("propose", "revoked"), ("by hand", "suspended"), ("approve", ""), ("refuse", "")])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
async def test_model_and_database_agree_whatever_is_tried(
    world: World, issued: tuple[IssuingWorld, Credential], acts: list[tuple[str, str]]
) -> None:
    house, made = issued
    async with world() as db:
        whole = await db.begin_nested()
        life = Life()
        for act, target in acts:
            expected = life.expects(act, target)
            assert await perform(db, house, made, act, target) == expected, (act, target, life.state)
            db.expunge_all()  # each request has a session of its own
            now: Any = await db.scalar(sa.text("SELECT state FROM credential WHERE id = :id"), {"id": made.id})
            assert now == life.state
            assert not (life.was_revoked and now != "revoked")
            withdrawn = await status_indices(db, house.org_id, ("revoked", "superseded"))
            assert (made.status_index in withdrawn) == (now in ("revoked", "superseded"))
        held = await db.scalar(
            sa.select(Qualification.state).where(Qualification.credential_id == made.id)  # type: ignore[call-overload]
        )
        if all(act != "by hand" for act, _ in acts):
            assert held == life.state
        await whole.rollback()
