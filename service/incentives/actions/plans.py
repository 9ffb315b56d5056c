"""Plans and their versions: drafted, held against the cited rules, proposed, and put in force by a second person."""

import hashlib
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.approvals.actions import decide, propose
from service.approvals.queries import open_approval
from service.foundation.actor import Actor
from service.foundation.errors import StateConflict
from service.foundation.journal import note
from service.incentives.errors import PlanCodeTaken, PlanVersionsOverlap, TermsUnreadable
from service.incentives.queries import plan_for, version_for
from service.incentives.rules import PlanTerms, check_law, rules_for, shipped_rules
from service.incentives.rules.naming import PLAN_STATE_TITLES
from service.incentives.schemas import DecisionCreate, EquityTerms, PlanCreate, VersionCreate
from service.incentives.tables import Plan, PlanKind, PlanState, PlanVersion

SUBJECT = "plan_version"


async def create_plan(db: AsyncSession, actor: Actor, new: PlanCreate) -> Plan:
    """A new plan, still without a version. Raises PlanCodeTaken."""
    row = Plan(org_id=actor.org, code=new.code, kind=new.kind, title=new.title.stored())
    try:
        async with db.begin_nested():
            db.add(row)
    except IntegrityError as error:
        raise PlanCodeTaken(field="code", code=new.code) from error
    await note(db, "plan.created", "plan", row.id)
    return row


def read_terms(kind: PlanKind, given: dict[str, Any]) -> PlanTerms | EquityTerms:
    """The terms as the plan's kind has them. Raises TermsUnreadable and the refusals of the terms themselves."""
    try:
        return EquityTerms.model_validate(given) if kind is PlanKind.EQUITY else PlanTerms.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "terms"
        raise TermsUnreadable(field="terms", place=place, problem=first["msg"]) from error


def digest_of_version(row: PlanVersion) -> str:
    """SHA-256 over what the checker approves: plan, version number, first day, places, terms."""
    said: dict[str, Any] = {
        "plan": str(row.plan_id),
        "version": row.version,
        "valid_from": row.valid_from.isoformat(),
        "places": row.places,
        "content": row.content,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def hold_against_law(row: PlanVersion, terms: PlanTerms | EquityTerms) -> list[dict[str, Any]]:
    """What the cited rules of the nation, of the places and those claimed say of the terms on the first day."""
    if isinstance(terms, EquityTerms):
        return []
    rules = rules_for(shipped_rules(), row.places, row.valid_from, terms.rules)
    return [one.as_record() for one in check_law(terms, rules)]


def _write(row: PlanVersion, kind: PlanKind, new: VersionCreate) -> None:
    terms = read_terms(kind, new.terms)
    row.content = terms.model_dump(mode="json")
    row.valid_from, row.valid_to, row.places = new.valid_from, new.valid_to, sorted(set(new.places))
    row.findings = hold_against_law(row, terms)
    row.digest = digest_of_version(row)


async def draft_version(db: AsyncSession, actor: Actor, plan_id: UUID, new: VersionCreate) -> PlanVersion:
    """A draft of the plan's next version. Raises NotFound, TermsUnreadable and the refusals of the terms."""
    plan = await plan_for(db, actor, plan_id, lock=True)
    last = await db.scalar(sa.select(sa.func.max(col(PlanVersion.version))).where(col(PlanVersion.plan_id) == plan.id))
    row = PlanVersion(
        org_id=actor.org,
        plan_id=plan.id,
        version=(last or 0) + 1,
        content={},
        digest="",
        valid_from=new.valid_from,
        places=[],
        findings=[],
    )
    _write(row, plan.kind, new)
    db.add(row)
    await db.flush()
    await note(db, "plan.version_drafted", SUBJECT, row.id, version=row.version)
    return row


async def redraft_version(db: AsyncSession, actor: Actor, version_id: UUID, new: VersionCreate) -> PlanVersion:
    """Change a draft. Raises NotFound, StateConflict once it is proposed, and the refusals of the terms."""
    row = await version_for(db, actor, version_id, lock=True)
    _must_be(row, PlanState.DRAFT)
    plan = await plan_for(db, actor, row.plan_id)
    _write(row, plan.kind, new)
    await note(db, "plan.version_redrafted", SUBJECT, row.id)
    return row


async def propose_version(db: AsyncSession, actor: Actor, version_id: UUID) -> PlanVersion:
    """Propose a draft; from here on its terms are frozen. Raises NotFound, StateConflict."""
    row = await version_for(db, actor, version_id, lock=True)
    _must_be(row, PlanState.DRAFT)
    await propose(db, actor, subject_kind=SUBJECT, subject_id=row.id, digest=row.digest)
    row.state = PlanState.PROPOSED
    await db.flush()
    return row


async def decide_version(db: AsyncSession, actor: Actor, version_id: UUID, decision: DecisionCreate) -> PlanVersion:
    """Put a proposed version in force, or give it back as a draft; by another person than its maker.

    The version in force before it ends the day before. Raises NotFound, StateConflict, SamePerson, SubjectChanged,
    PlanVersionsOverlap.
    """
    row = await version_for(db, actor, version_id, lock=True)
    _must_be(row, PlanState.PROPOSED)
    await plan_for(db, actor, row.plan_id, lock=True)
    approval = await open_approval(db, SUBJECT, row.id)
    digest = digest_of_version(row)
    await decide(db, actor, approval, digest=digest, approve=decision.approve, reason=decision.reason)
    if not decision.approve:
        row.state = PlanState.DRAFT
        await db.flush()
        return row
    await _make_room(db, row)
    row.state = PlanState.IN_FORCE
    await db.flush()
    await note(db, "plan.version_in_force", SUBJECT, row.id, version=row.version)
    return row


async def _make_room(db: AsyncSession, row: PlanVersion) -> None:
    """End the version before this one the day before it begins; refuse any other overlap."""
    in_force = await db.scalars(
        select(PlanVersion).where(
            col(PlanVersion.plan_id) == row.plan_id,
            col(PlanVersion.state) == PlanState.IN_FORCE,
            sa.or_(col(PlanVersion.valid_to).is_(None), col(PlanVersion.valid_to) >= row.valid_from),
        )
    )
    for other in in_force:
        if other.valid_from < row.valid_from:
            other.valid_to = row.valid_from - timedelta(days=1)
        elif row.valid_to is None or other.valid_from <= row.valid_to:
            raise PlanVersionsOverlap(day=other.valid_from.isoformat())
    await db.flush()  # the exclusion constraint looks at each statement


def _must_be(row: PlanVersion, state: PlanState) -> None:
    if row.state is not state:
        raise StateConflict(state=PLAN_STATE_TITLES[row.state])
