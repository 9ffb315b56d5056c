"""The life of a credential as a state machine: whatever two people try in whatever order, the model and the database agree."""

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.courses.tables import CourseSession
from service.credentials.actions import (
    decide_change,
    decide_correction,
    propose_change,
    propose_correction,
    request_correction,
)
from service.credentials.queries import status_indices
from service.credentials.rules.states import REASONS, may_step
from service.credentials.tables import CorrectionKind, CorrectionRequest, Credential
from service.foundation.errors import DomainError
from service.foundation.keyring import keyring_at
from service.people.tables import Qualification
from service.settings import get_settings
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


STEPS_OF_A_NUMBER = st.lists(
    st.tuples(
        st.sampled_from(
            ["ask", "examine", "agree", "refuse", "propose revoke", "propose suspend", "decide", "deny", "lift"]
        ),
        st.booleans(),  # on the version that stands, or on the first one
    ),
    max_size=14,
)


class Number:
    """What should be so of a number: its versions' states, the correction on its way, the change proposed."""

    def __init__(self) -> None:
        self.states = ["valid"]
        self.correction: str | None = None
        self.change: tuple[str, str] | None = None

    def expects(self, act: str, newest: bool) -> bool:
        """Whether the act should succeed; the model moves on when it does."""
        if not newest and len(self.states) > 1 and act not in ("examine", "agree", "refuse"):
            return False  # nothing is done to a version that was replaced
        state = self.states[-1]
        if act == "ask":
            # The base may not ask past a proposed change.
            good = state == "valid" and self.correction is None and self.change is None
            self.correction = "requested" if good else self.correction
        elif act == "examine":
            good = self.correction is not None and state == "valid" and self.change is None
            self.correction = "proposed" if good else self.correction
        elif act in ("agree", "refuse"):
            good = self.correction == "proposed" and (act == "refuse" or (state == "valid" and self.change is None))
            if good:
                self.correction = None
                if act == "agree":
                    self.states[-1:] = ["superseded", "valid"]
        elif act.startswith("propose") or act == "lift":
            target = {"propose revoke": "revoked", "propose suspend": "suspended", "lift": "valid"}[act]
            good = self.change is None and may_step(state, target)
            self.change = (target, state) if good else self.change
        else:
            good = self.change is not None
            if self.change is not None:
                target, _ = self.change
                self.change = None
                if act == "decide":
                    self.states[-1] = target
                    if target == "revoked":
                        self.states = ["revoked"] * len(self.states)
                        self.correction = None
        return good


async def step(db: AsyncSession, house: IssuingWorld, number: str, act: str, newest: bool, turn: int) -> bool:
    """Try one act on a number; a refusal leaves nothing behind."""
    keyring, settings_now = keyring_at(get_settings().keyring_path), get_settings()
    rows = list(
        await db.scalars(select(Credential).where(col(Credential.number) == number).order_by(col(Credential.version)))
    )
    chosen = rows[-1] if newest else rows[0]
    asked = (
        await db.scalars(
            select(CorrectionRequest).where(col(CorrectionRequest.state).in_(["requested", "proposed"])).limit(1)
        )
    ).first()
    try:
        async with db.begin_nested():
            if act == "ask":
                await request_correction(
                    db,
                    keyring,
                    settings_now,
                    house.scheduler,
                    chosen.id,
                    kind=CorrectionKind.WRONG_FACT,
                    reason="班名有误",
                    by_holder=False,
                )
                title = {"zh": f"班名{turn}", "en": f"Title {turn}"}
                session = await db.get_one(CourseSession, chosen.course_session_id)
                session.title = title
            elif act in ("examine", "agree", "refuse"):
                if asked is None:
                    return False
                if act == "examine":
                    await propose_correction(db, keyring, settings_now, house.director, asked.id)
                else:
                    await decide_correction(
                        db, keyring, settings_now, house.decider, asked.id, approve=act == "agree", reason="理由"
                    )
            elif act in ("decide", "deny"):
                await decide_change(db, house.decider, chosen.id, approve=act == "decide", reason="理由")
            else:
                target = {"propose revoke": "revoked", "propose suspend": "suspended", "lift": "valid"}[act]
                await propose_change(db, house.director, chosen.id, to_state=target, reason=next(iter(REASONS[target])))
    except (DomainError, DBAPIError):
        return False
    return True


AGREED = [("ask", True), ("examine", True), ("agree", True)]


@given(steps=STEPS_OF_A_NUMBER)
@example(steps=[*AGREED, *AGREED, ("propose revoke", True), ("decide", True), ("ask", True)])
@example(steps=[("ask", True), ("examine", True), ("propose revoke", True), ("agree", True), ("decide", True)])
@example(steps=[*AGREED, ("propose revoke", False), ("propose suspend", True), ("decide", True), ("ask", True)])
@example(steps=[("propose suspend", True), ("decide", True), ("lift", True), ("decide", True), *AGREED])
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
async def test_under_one_number_one_version_stands_whatever_is_tried(
    world: World, issued: tuple[IssuingWorld, Credential], steps: list[tuple[str, bool]]
) -> None:
    house, made = issued
    async with world() as db:
        whole = await db.begin_nested()
        number = Number()
        for turn, (act, newest) in enumerate(steps):
            expected = number.expects(act, newest)
            assert await step(db, house, made.number, act, newest, turn) == expected, (act, newest, number.states)
            db.expunge_all()
            now = list(
                await db.scalars(
                    sa.text("SELECT state FROM credential WHERE number = :number ORDER BY version"),
                    {"number": made.number},
                )
            )
            assert now == number.states
            assert sum(1 for one in now if one in ("valid", "suspended")) == (0 if "revoked" in now else 1)
            listed = await status_indices(db, house.org_id, ("revoked", "superseded"))
            assert len(listed) == sum(1 for one in now if one in ("revoked", "superseded"))
        await whole.rollback()
        db.expunge_all()
