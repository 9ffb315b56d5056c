"""Rosters: rows become enrolments of one course session."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.courses.tables import SessionState
from service.editions.queries import syllabus_of
from service.enrolments.actions import change_employer, enrol_by_hand, refused_entry
from service.enrolments.errors import SessionTakesNobody
from service.enrolments.queries import admission_of, base_session, live_enrolment
from service.enrolments.schemas import PersonByHand
from service.enrolments.tables import Enrolment, EnrolmentState
from service.exchange.actions.planning import Context, Keep, Planned, RowReader
from service.exchange.errors.imports import RowRepeated
from service.exchange.rules.columns import ROSTER_COLUMNS
from service.exchange.rules.imports import Outcome
from service.foundation.errors import DomainError, NotFound
from service.foundation.language import later
from service.foundation.sheets.columns import Column
from service.foundation.sheets.reading import Sheet
from service.foundation.text import mask_identity
from service.organisations.actions import organisation_for
from service.organisations.rules import credit_code
from service.organisations.tables import Organisation
from service.people.actions.identity import Known, known
from service.people.errors import NameDiffers
from service.people.queries import persons
from service.people.rules import Identity

Employer = tuple[str, str | None]


class Roster:
    """A roster of a course session."""

    key = "roster"
    title = later("Roster")
    permission = "enrolments.manage"
    columns: Sequence[Column] = ROSTER_COLUMNS
    with_target = True

    async def check_target(self, context: Context) -> None:
        """The session must be the base's own and published. Raises NotFound, SessionTakesNobody."""
        if context.target_id is None:
            raise NotFound(what="course_session")
        session = await base_session(context.db, context.actor, context.target_id)
        if session.state != SessionState.PUBLISHED:
            raise SessionTakesNobody

    async def plan(self, context: Context, sheet: Sheet) -> list[Planned]:
        """Rows against the session: new people, a changed sending unit, the same, or wrong."""
        assert context.target_id is not None, "checked before"
        seen: dict[tuple[str, str], int] = {}
        employers: dict[Employer, UUID | DomainError | None] = {}
        rows: list[Planned] = []
        for row in sheet.rows:
            reader = RowReader(row, sheet)
            if reader.left_out:
                rows.append(reader.skipped())
                continue
            name, identity = reader.name(), reader.identity()
            employer = await self._employer(context, reader, employers)
            if identity is not None and (first := seen.get((identity.kind.value, identity.number))) is not None:
                reader.refuse(RowRepeated(first=first), "identity_number")
            if name is None or identity is None or reader.findings:
                rows.append(reader.planned())
                continue
            found = await known(context.db, context.keyring, identity, name)
            if found is not None and not found.same_name:
                reader.refuse(NameDiffers(masked=mask_identity(identity.number)), "name")
                rows.append(reader.planned())
                continue
            live = await live_enrolment(context.db, context.target_id, found.person_id) if found else None
            if live is None and (refusal := await refused_by_entry(context, found)) is not None:
                reader.refuse(refusal, "name")
                rows.append(reader.planned())
                continue
            outcome = Outcome.NEW
            if live is not None:
                same = employer is None or (
                    live.employer_org_id is not None and employers[employer] == live.employer_org_id
                )
                outcome = Outcome.SAME if same else Outcome.CHANGED
            keep = self._keep(context, name, identity, employer) if outcome is not Outcome.SAME else None
            rows.append(reader.planned(outcome, keep, live.id if live else None))
            seen[identity.kind.value, identity.number] = reader.number  # a refused row stands in nobody's way
        return rows

    async def _employer(
        self, context: Context, reader: RowReader, employers: dict[Employer, UUID | DomainError | None]
    ) -> Employer | None:
        """The sending unit of a row as it will be looked up; what it would be refused for is found out beforehand."""
        name = reader.read("employer", lambda: reader.row.text("employer", 200))
        code = reader.read("employer_code", lambda: reader.row.identity("employer_code"))
        folded = reader.read("employer_code", lambda: credit_code(code, "employer_code")) if code else None
        if name is None:
            return None
        employer = (name, folded)
        if employer not in employers:
            employers[employer] = await tried_organisation(context.db, name, folded)
        answer = employers[employer]
        if isinstance(answer, DomainError):
            reader.refuse(answer, "employer")
        return employer

    def _keep(self, context: Context, name: str, identity: Identity, employer: Employer | None) -> Keep:
        async def keep() -> tuple[str, UUID | None]:
            db, target = context.db, context.target_id
            assert target is not None, "checked before"
            found = await known(db, context.keyring, identity, name)
            live = await live_enrolment(db, target, found.person_id) if found and found.same_name else None
            if live is not None:
                unit = await organisation_for(db, employer[0], employer[1]) if employer else None
                changed = await change_employer(db, context.actor, live.id, unit.id if unit else live.employer_org_id)
                return "updated", changed.id
            new = PersonByHand(
                name=name,
                identity_kind=identity.kind,
                identity_number=identity.number,
                employer=employer[0] if employer else None,
                employer_code=employer[1] if employer else None,
            )
            row: Enrolment = await enrol_by_hand(db, context.keyring, context.actor, target, new, "roster")
            return ("enrolled" if row.state == EnrolmentState.ENROLLED else "waiting"), row.id

        return keep


async def refused_by_entry(context: Context, found: Known | None) -> DomainError | None:
    """What the edition's rule of entry would refuse: nobody unknown holds a certificate; of somebody known to others only,
    the confirmation finds out."""
    assert context.target_id is not None, "checked before"
    session = await base_session(context.db, context.actor, context.target_id)
    if found is None:
        entry = (await syllabus_of(context.db, session.syllabus_id)).entry
        return refused_entry(entry) if entry is not None else None
    if not await persons(context.db, [found.person_id]):
        return None
    entry, admitting = await admission_of(context.db, session.syllabus_id, found.person_id)
    return refused_entry(entry) if entry is not None and admitting is None else None


async def tried_organisation(db: AsyncSession, name: str, code: str | None) -> UUID | DomainError | None:
    """Which organisation a file names: its id, None when it would be entered, or the refusal; nothing is written."""
    trial = await db.begin_nested()
    try:
        found = (await organisation_for(db, name, code)).id
    except DomainError as refusal:
        return refusal
    finally:
        await trial.rollback()
    return await db.scalar(select(Organisation.id).where(col(Organisation.id) == found))
