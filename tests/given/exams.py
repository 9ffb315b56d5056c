"""Exam sessions with people to sit them, for tests: everything below is inserted directly."""

import itertools
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlmodel import col, select

from curricula.content import shipped
from curricula.items import NumericKey, Question
from curricula.papers import Form
from service.bases.tables import Base, Tier
from service.courses.tables import CourseSession, SessionState
from service.editions.tables import Edition, EditionKind, EditionState
from service.enrolments.tables import Enrolment, EnrolmentState
from service.exams.actions.planning import freeze_exam
from service.exams.tables import ExamForm, ExamSession, Sitting
from service.foundation import clock
from service.foundation.actor import Actor
from service.organisations.tables import Organisation
from service.people.tables import Person, PersonAccess
from tests.given import accounts
from tests.given.items import public_bank

BLUEPRINT = ("technology-manager-2026-initial-written", 1)
SYLLABUS = ("technology-manager", "2026.1", "initial")

_codes = itertools.count(1)


@dataclass
class Candidate:
    """One person who is enrolled, with the actor that signs in."""

    person: Person
    enrolment: Enrolment
    actor: Actor
    sitting: Sitting | None = None

    @property
    def sitting_id(self) -> Any:
        """The key of the sitting that freezing wrote."""
        assert self.sitting is not None
        return self.sitting.id


@dataclass
class ExamWorld:
    """An exam session with everybody around it."""

    home: Organisation
    exam: ExamSession
    scheduler: Actor
    director: Actor
    invigilator: Actor
    marker: Actor
    candidates: list[Candidate]
    form: ExamForm | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def paper(self) -> Form:
        """The frozen form with its keys."""
        assert self.form is not None
        return Form.from_json(self.form.content)


async def edition(db: AsyncSession, kind: EditionKind, code: str, version: str, content: Any, **more: Any) -> Edition:
    """A frozen edition; its code is made unique for this test."""
    row = Edition(
        kind=kind,
        code=f"{code}-{secrets.token_hex(3)}",
        version=version,
        title={"zh": code},
        content=content,
        digest=secrets.token_hex(32),
        state=EditionState.FROZEN,
        effective_from=date(2026, 1, 1),
        frozen_at=clock.now(),
        findings=[],
        **more,
    )
    db.add(row)
    await db.flush()
    return row


async def blueprint(db: AsyncSession, content: Mapping[str, Any] | None = None) -> Edition:
    """The shipped blueprint of the initial level, or another content, as a frozen edition."""
    value = dict(content or shipped().blueprints[BLUEPRINT].to_json())
    return await edition(db, EditionKind.BLUEPRINT, BLUEPRINT[0], "1", value)


async def course_session(db: AsyncSession, home: Organisation) -> CourseSession:
    """A published course session of the initial level."""
    base = Base(code=f"X{next(_codes):03d}", org_id=home.id, tier=Tier.NATIONAL, name={"zh": "基地", "en": "Base"})
    content = shipped().syllabi[SYLLABUS].to_json()
    syllabus = await edition(
        db, EditionKind.SYLLABUS, "technology-manager", "2026.1", content, scheme="technology-manager", level="initial"
    )
    db.add(base)
    await db.flush()
    today = clock.today()
    row = CourseSession(
        org_id=home.id,
        base_id=base.id,
        syllabus_id=syllabus.id,
        code=f"B-{secrets.token_hex(4)}",
        title={"zh": "2026年第1期初级班", "en": "Initial class 1 of 2026"},
        starts_on=today - timedelta(days=20),
        ends_on=today + timedelta(days=10),
        capacity=200,
        state=SessionState.PUBLISHED,
        published_at=clock.now(),
    )
    db.add(row)
    await db.flush()
    return row


async def candidate(db: AsyncSession, session: CourseSession, name: str) -> Candidate:
    """An enrolled person with an account."""
    person = Person(name=name, sort_key=name)
    db.add(person)
    await db.flush()
    enrolment = Enrolment(
        org_id=session.org_id,
        course_session_id=session.id,
        person_id=person.id,
        syllabus_id=session.syllabus_id,
        state=EnrolmentState.ENROLLED,
        source="roster",
        enrolled_at=clock.now(),
    )
    db.add(enrolment)
    db.add(PersonAccess(person_id=person.id, org_id=session.org_id, ground="enrolment", source_id=enrolment.id))
    await db.flush()
    return Candidate(person, enrolment, await accounts.holder(db, person.id, name))


async def planned_exam(
    db: AsyncSession, people: int = 2, opens_in: int = -10, closes_in: int = 240, minutes: int = 90
) -> ExamWorld:
    """A planned exam session over the public bank; times in minutes from now."""
    home = await accounts.organisation(db, f"培训基地{secrets.token_hex(2)}")
    session = await course_session(db, home)
    bank = await public_bank(db)
    plan = await blueprint(db)
    now = clock.now()
    exam = ExamSession(
        org_id=home.id,
        course_session_id=session.id,
        blueprint_id=plan.id,
        bank_id=bank.id,
        title={"zh": "初级笔试", "en": "Initial written exam"},
        opens_at=now + timedelta(minutes=opens_in),
        closes_at=now + timedelta(minutes=closes_in),
        duration_minutes=minutes,
        pass_numerator=3,
        pass_denominator=5,
    )
    db.add(exam)
    await db.flush()
    names = ("欧阳娜娜", "王小明", "赵一曼", "钱学礼", "孙悦", "李青")
    return ExamWorld(
        home,
        exam,
        scheduler=await accounts.staff(db, "scheduler", home.id, "陈排课"),
        director=await accounts.staff(db, "base_director", home.id, "周主任"),
        invigilator=await accounts.staff(db, "invigilator", home.id, "吴监考"),
        marker=await accounts.staff(db, "marker", home.id, "郑阅卷"),
        candidates=[await candidate(db, session, names[number % len(names)]) for number in range(people)],
    )


async def frozen_exam(
    db: AsyncSession, people: int = 2, opens_in: int = -10, closes_in: int = 240, minutes: int = 90
) -> ExamWorld:
    """The same with its form drawn and its sittings written."""
    made = await planned_exam(db, people, opens_in, closes_in, minutes)
    made.exam, made.form, _ = await freeze_exam(db, made.scheduler, made.exam.id)
    await attach(db, made)
    return made


async def attach(db: AsyncSession, made: ExamWorld) -> None:
    """Read the form and the sittings that freezing wrote."""
    made.form = (await db.scalars(select(ExamForm).where(col(ExamForm.exam_session_id) == made.exam.id))).one()
    from_enrolment = {one.enrolment_id: one for one in await _sittings(db, made)}
    for one in made.candidates:
        one.sitting = from_enrolment[one.enrolment.id]


async def _sittings(db: AsyncSession, made: ExamWorld) -> list[Sitting]:
    chosen = select(Sitting).where(col(Sitting.exam_session_id) == made.exam.id)
    return list(await db.scalars(chosen))


def right_answer(question: Question) -> Any:
    """The answer that earns every point; an essay gets a text."""
    if isinstance(question.key, NumericKey):
        return question.key.written
    if isinstance(question.key, tuple):
        return list(question.key)
    return (
        "先访谈操作、设备与质量人员，取得停机记录和节拍数据，再写成可检验的需求。"
        if question.key is None
        else question.key
    )


def right_answers(form: Form) -> dict[int, Any]:
    """Right answers to a whole form by slot."""
    return {
        int(slot.slot): {one.id: right_answer(one) for one in slot.item.questions}
        if slot.item.kind == "case"
        else right_answer(slot.item.questions[0])
        for slot in form.slots
    }


class OneConnection:
    """Stands in for the save pool: the same statement on the test's own connection, so that it rolls back too."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def fetchval(self, query: str, *arguments: Any) -> Any:
        """Run one statement."""
        raw: Any = (await self.connection.get_raw_connection()).driver_connection
        found = await raw.fetchval(query, *arguments)
        return found if found is None or isinstance(found, str) else json.dumps(found)

    async def close(self) -> None:
        """Nothing to close."""
