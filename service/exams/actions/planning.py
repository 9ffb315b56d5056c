"""Planning an exam session, freezing its form and sittings, and giving a person more time."""

import secrets
from fractions import Fraction
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from curricula.content import shipped
from curricula.language import CHINESE, ENGLISH
from curricula.language import sentence as curricula_sentence
from curricula.papers import Blueprint, Form, arrangement, candidate_paper, draw
from curricula.refusals import BlueprintDoesNotFitBank, FormCannotBeFilled, Refusal
from service.courses.tables import CourseSession
from service.editions.queries import syllabus_of
from service.editions.tables import Edition, EditionKind, EditionState
from service.enrolments.tables import Enrolment, EnrolmentState
from service.exams.errors import (
    BlueprintNeeded,
    BlueprintUnfit,
    ExamBegun,
    FormCannotBeDrawn,
    FullMarksNeeded,
    HeldOnPaper,
    MarksByBlueprint,
    NobodyEnrolled,
    PassMarkAboveFull,
    PassMarkTooLow,
    SittingOver,
    WindowTooShort,
)
from service.exams.queries import database_now, exam_for, exam_of, form_of, sitting_of_org
from service.exams.rules import EXAM_STATE_TITLES, deadline_of, exam_title, points_text
from service.exams.schemas import ExamCreate, ExamRename, MoreTime
from service.exams.tables import ExamForm, ExamMode, ExamSession, ExamState, Sitting, SittingState, TimeAdjustment
from service.foundation.actor import Actor
from service.foundation.clock import BEIJING
from service.foundation.errors import NotFound, StateConflict
from service.foundation.journal import note
from service.foundation.language import later
from service.foundation.templates import show_time
from service.items.queries import bank_for, bank_value
from service.items.tables import ItemBank
from service.timetable.actions import book
from service.timetable.actions import cancel as give_back
from service.timetable.tables import Occurrence

OWNER_KIND = "exam_session"


def told(refusal: Refusal) -> dict[str, str]:
    """A refusal of the pure package as a bilingual fact."""
    return {"zh": curricula_sentence(refusal, CHINESE), "en": curricula_sentence(refusal, ENGLISH)}


async def blueprint_value(db: AsyncSession, blueprint_id: UUID) -> Blueprint:
    """The blueprint of a frozen edition. Raises NotFound, BlueprintUnfit."""
    row = (await db.scalars(select(Edition).where(col(Edition.id) == blueprint_id))).first()
    if row is None or row.kind != EditionKind.BLUEPRINT:
        raise NotFound(what="blueprint")
    if row.state != EditionState.FROZEN:
        raise BlueprintUnfit(field="blueprint_id", reason=later("it is not frozen."))
    try:
        value = Blueprint.from_json(row.content, row.code)
    except Refusal as refusal:
        raise BlueprintUnfit(field="blueprint_id", reason=told(refusal)) from refusal
    if value.points.denominator != 1:
        raise BlueprintUnfit(field="blueprint_id", reason=later("its points are not a whole number."))
    return value


async def plan_exam(db: AsyncSession, actor: Actor, new: ExamCreate) -> ExamSession:
    """Plan an exam session for a course session of the actor's organisation.

    With a room the room is booked for the window. Raises NotFound, BlueprintNeeded, BlueprintUnfit, FullMarksNeeded,
    MarksByBlueprint, PassMarkTooLow, PassMarkAboveFull, WindowTooShort, RoomTaken, RoomTooSmall.
    """
    session = (
        await db.scalars(
            select(CourseSession).where(
                col(CourseSession.id) == new.course_session_id, col(CourseSession.org_id) == actor.org
            )
        )
    ).first()
    if session is None:
        raise NotFound(what="course session")
    blueprint = await _fitting_blueprint(db, session, new)
    if new.mode is ExamMode.ONLINE:
        if blueprint is None or new.bank_id is None:
            raise BlueprintNeeded(field="bank_id" if blueprint else "blueprint_id")
        bank = await bank_for(db, actor, new.bank_id)
        if blueprint.bank != bank.code:
            reason = told(BlueprintDoesNotFitBank(wanted=blueprint.bank, given=bank.code))
            raise BlueprintUnfit(field="bank_id", reason=reason)
    full_marks, pass_mark = await _marks(db, session, blueprint, new)
    window = int((new.closes_at - new.opens_at).total_seconds() // 60)
    minutes = new.duration_minutes or (blueprint.minutes if blueprint else window)
    if window < minutes:
        raise WindowTooShort(field="closes_at", minutes=window, needed=minutes)
    title = {"zh": new.title} if new.title else exam_title(session.title, await _earlier(db, session))
    row = ExamSession(
        org_id=actor.org,
        course_session_id=session.id,
        mode=new.mode,
        blueprint_id=new.blueprint_id,
        bank_id=new.bank_id if new.mode is ExamMode.ONLINE else None,
        title=title,
        opens_at=new.opens_at,
        closes_at=new.closes_at,
        duration_minutes=minutes,
        pass_numerator=pass_mark.numerator,
        pass_denominator=pass_mark.denominator,
        full_marks=full_marks if new.mode is ExamMode.PAPER else None,
        appeal_days=new.appeal_days,
        appeal_panel=new.appeal_panel,
    )
    db.add(row)
    await db.flush()
    if new.room_id is not None:
        occurrence = await book(
            db,
            org_id=actor.org,
            owner_kind=OWNER_KIND,
            owner_id=row.id,
            title=title,
            starts_at=new.opens_at,
            ends_at=new.closes_at,
            room_id=new.room_id,
            seats=max(1, session.taken),
        )
        row.occurrence_id = occurrence.id
        await db.flush()
    await note(db, "exam.planned", "exam_session", row.id)
    return row


async def _earlier(db: AsyncSession, session: CourseSession) -> int:
    """How many exams of a course session were planned before and not cancelled."""
    count = await db.scalar(
        sa.select(sa.func.count())
        .select_from(ExamSession)
        .where(col(ExamSession.course_session_id) == session.id, col(ExamSession.state) != ExamState.CANCELLED)
    )
    return int(count or 0)


async def rename_exam(db: AsyncSession, actor: Actor, exam_id: UUID, new: ExamRename) -> ExamSession:
    """Give a planned exam session another name; afterwards candidates know it by its name. Raises NotFound, StateConflict."""
    exam = await exam_for(db, actor, exam_id, lock=True)
    if exam.state != ExamState.PLANNED:
        raise StateConflict(state=EXAM_STATE_TITLES[exam.state.value])
    exam.title = {"zh": new.title, "en": new.title_en} if new.title_en else {"zh": new.title}
    if exam.occurrence_id is not None:
        booked = (await db.scalars(select(Occurrence).where(col(Occurrence.id) == exam.occurrence_id))).one()
        booked.title = exam.title
    await note(db, "exam.renamed", "exam_session", exam.id)
    await db.flush()
    return exam


async def _fitting_blueprint(db: AsyncSession, session: CourseSession, new: ExamCreate) -> Blueprint | None:
    """The blueprint that was chosen, of the course's level; None when none was."""
    if new.blueprint_id is None:
        return None
    blueprint = await blueprint_value(db, new.blueprint_id)
    level = await db.scalar(sa.select(col(Edition.level)).where(col(Edition.id) == session.syllabus_id))
    if level is not None and level != blueprint.level:
        raise BlueprintUnfit(field="blueprint_id", reason=later("it is for another level than the course session."))
    return blueprint


async def _marks(
    db: AsyncSession, session: CourseSession, blueprint: Blueprint | None, new: ExamCreate
) -> tuple[int, Fraction]:
    """(full marks, pass mark as a share): the blueprint's, else as given, the course edition's pass mark by default."""
    if blueprint is not None:
        if new.full_marks is not None or new.pass_points is not None:
            raise MarksByBlueprint(field="full_marks" if new.full_marks is not None else "pass_points")
        return int(blueprint.points), blueprint.pass_mark
    if new.full_marks is None:
        raise FullMarksNeeded(field="full_marks")
    least = (await syllabus_of(db, session.syllabus_id)).pass_mark
    if new.pass_points is None:
        return new.full_marks, least
    share = Fraction(new.pass_points) / new.full_marks
    if share > 1:
        raise PassMarkAboveFull(field="pass_points", full=new.full_marks)
    if share < least:
        needed = points_text(least * new.full_marks)
        raise PassMarkTooLow(field="pass_points", needed=needed, full=new.full_marks)
    return new.full_marks, share


async def cancel_exam(db: AsyncSession, actor: Actor, exam_id: UUID) -> ExamSession:
    """Cancel a planned exam session and give its room back; one with sittings is closed by its time. Raises StateConflict."""
    exam = await exam_for(db, actor, exam_id, lock=True)
    if exam.state == ExamState.CANCELLED:
        return exam
    if exam.state != ExamState.PLANNED:
        raise StateConflict(state=EXAM_STATE_TITLES[exam.state.value])
    exam.state = ExamState.CANCELLED
    if exam.occurrence_id is not None:
        await give_back(db, exam.occurrence_id)
    await note(db, "exam.cancelled", "exam_session", exam.id)
    await db.flush()
    return exam


async def freeze_exam(db: AsyncSession, actor: Actor, exam_id: UUID) -> tuple[ExamSession, ExamForm | None, int]:
    """Draw the form and write a sitting for every enrolled person; afterwards nothing is drawn any more.

    Held on paper, no form is drawn: the sittings alone are written. Returns (exam session, form, sittings). Raises FormCannotBeDrawn before anything is written, NobodyEnrolled, StateConflict.
    """
    exam = await exam_for(db, actor, exam_id, lock=True)
    if exam.state != ExamState.PLANNED:
        raise StateConflict(state=EXAM_STATE_TITLES[exam.state.value])
    form = await _drawn(db, exam) if exam.mode is ExamMode.ONLINE else None
    enrolments = await _waiting_for_sitting(db, exam)
    if not enrolments:
        raise NobodyEnrolled
    row = await _form_row(db, exam, form) if form is not None else None
    _write_sittings(db, exam, row, form, enrolments)
    exam.state = ExamState.FROZEN
    await db.flush()
    digest = row.digest if row is not None else None
    await note(db, "exam.frozen", "exam_session", exam.id, form=digest, sittings=len(enrolments))
    return exam, row, len(enrolments)


async def _form_row(db: AsyncSession, exam: ExamSession, form: Form) -> ExamForm:
    as_written = {"order": [slot.slot for slot in form.slots], "options": {}}
    row = ExamForm(
        org_id=exam.org_id,
        exam_session_id=exam.id,
        seed=int(form.seed),
        content=form.to_json(),
        paper=[one.to_json() for one in candidate_paper(form, as_written)],
        digest=form.digest(),
    )
    db.add(row)
    await db.flush()
    return row


async def _drawn(db: AsyncSession, exam: ExamSession) -> Form:
    assert exam.blueprint_id is not None, "an exam held online has its blueprint"
    bank = (await db.scalars(select(ItemBank).where(col(ItemBank.id) == exam.bank_id))).one()
    blueprint = await blueprint_value(db, exam.blueprint_id)
    day = exam.opens_at.astimezone(BEIJING).date()
    try:
        return draw(blueprint, await bank_value(db, bank), secrets.randbits(52), day, shipped().register)
    except (FormCannotBeFilled, BlueprintDoesNotFitBank) as refusal:
        raise FormCannotBeDrawn(reason=told(refusal)) from refusal


async def _waiting_for_sitting(db: AsyncSession, exam: ExamSession) -> list[Enrolment]:
    """People enrolled in the course session who have no sitting in this exam session yet."""
    has_one = sa.exists().where(col(Sitting.exam_session_id) == exam.id, col(Sitting.enrolment_id) == col(Enrolment.id))
    chosen = select(Enrolment).where(
        col(Enrolment.course_session_id) == exam.course_session_id,
        col(Enrolment.org_id) == exam.org_id,
        col(Enrolment.state) == EnrolmentState.ENROLLED,
        ~has_one,
    )
    return list(await db.scalars(chosen.order_by(col(Enrolment.id))))


def _write_sittings(
    db: AsyncSession, exam: ExamSession, row: ExamForm | None, form: Form | None, enrolments: list[Enrolment]
) -> None:
    for enrolment in enrolments:
        seed = secrets.randbits(52)
        db.add(
            Sitting(
                org_id=exam.org_id,
                exam_session_id=exam.id,
                enrolment_id=enrolment.id,
                person_id=enrolment.person_id,
                form_id=row.id if row is not None else None,
                seed=seed,
                arrangement=arrangement(form, str(seed)) if form is not None else {},
                slots=len(form.slots) if form is not None else 0,
            )
        )


async def add_sittings(db: AsyncSession, actor: Actor, exam_id: UUID) -> int:
    """Sittings for people enrolled after the freezing, until the exam opens; returns how many were added: again, none.

    On paper also later, since whoever came stands on the score list. Raises StateConflict, ExamBegun.
    """
    exam = await exam_for(db, actor, exam_id, lock=True)
    row = await form_of(db, exam.id)
    takes = (ExamState.FROZEN, ExamState.CLOSED) if exam.mode is ExamMode.PAPER else (ExamState.FROZEN,)
    if exam.state not in takes:
        raise StateConflict(state=EXAM_STATE_TITLES[exam.state.value])
    enrolments = await _waiting_for_sitting(db, exam)
    if not enrolments:
        return 0
    if exam.mode is ExamMode.ONLINE and await database_now(db) >= exam.opens_at:
        raise ExamBegun(opens_at=show_time(exam.opens_at))
    _write_sittings(db, exam, row, Form.from_json(row.content) if row is not None else None, enrolments)
    await db.flush()
    await note(db, "exam.sittings_added", "exam_session", exam.id, sittings=len(enrolments))
    return len(enrolments)


async def more_time(db: AsyncSession, actor: Actor, sitting_id: UUID, new: MoreTime) -> Sitting:
    """Give one sitting more minutes, with the reason; a running one's deadline moves at once. Raises SittingOver, HeldOnPaper.

    Without `moves_window` the closing time of the exam still ends the sitting.
    """
    sitting = await sitting_of_org(db, actor, sitting_id, lock=True)
    exam = await exam_of(db, sitting)
    if exam.mode is ExamMode.PAPER:
        raise HeldOnPaper
    if sitting.state not in (SittingState.READY, SittingState.OPEN):
        raise SittingOver
    if sitting.deadline_at is not None and sitting.deadline_at < await database_now(db):
        raise SittingOver
    db.add(
        TimeAdjustment(
            org_id=sitting.org_id,
            sitting_id=sitting.id,
            minutes=new.minutes,
            moves_window=new.moves_window,
            reason=new.reason,
            account_id=actor.account_id,
        )
    )
    sitting.extra_minutes += new.minutes
    sitting.window_minutes += new.minutes if new.moves_window else 0
    if sitting.opened_at is not None:
        sitting.deadline_at = deadline_of(
            sitting.opened_at, exam.closes_at, exam.duration_minutes, sitting.extra_minutes, sitting.window_minutes
        )
    await note(db, "sitting.time_given", "sitting", sitting.id, person_id=sitting.person_id, minutes=new.minutes)
    await db.flush()
    return sitting
