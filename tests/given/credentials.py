"""People who have earned a certificate, and certificates issued to them, for tests of other rooms."""

import itertools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from certificates.facts import CertificateKind
from curricula.editions import Syllabus
from service.approvals.actions import decide, propose
from service.approvals.tables import Approval, ApprovalState
from service.attendance.tables import Attendance, Presence
from service.bases.tables import Base, Tier
from service.courses.tables import CourseSession, Meeting, SessionState
from service.credentials.actions import draw_up_list, finish_list, issue_entry, request_correction
from service.credentials.actions.listing import SUBJECT
from service.credentials.queries import entries_of
from service.credentials.tables import CorrectionKind, CorrectionRequest, Credential, IssuingList, ListState
from service.editions.actions import load_shipped
from service.editions.tables import Edition, EditionKind
from service.enrolments.tables import Enrolment, EnrolmentState
from service.exams.tables import ExamForm, ExamSession, ExamState, Result, ResultRelease, Sitting, SittingState
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.keyring import keyring_at
from service.items.tables import ItemBank
from service.ledger.actions import Line, post
from service.ledger.tables import Book, Side
from service.organisations.tables import Organisation, OrganisationKind
from service.people.queries import identity_of
from service.people.tables import IdentityState, Person
from service.settings import get_settings
from tests.given import accounts
from tests.given.courses import course_session, whole_programme
from tests.given.people import person as given_person

_next = itertools.count(1)
TAUGHT_FROM = date(2026, 3, 2)
NAMES = (("林知远", "LIN Zhiyuan"), ("欧阳娜娜", "OUYANG Nana"), ("吕小布", "LYU Xiaobu"))


@dataclass
class Trainee:
    """One person trained in the session, with their sign-in."""

    person: Person
    enrolment: Enrolment
    actor: Actor


@dataclass
class IssuingWorld:
    """A base with a finished course session, its people and its staff."""

    base: Base
    session: CourseSession
    scheduler: Actor
    director: Actor
    decider: Actor
    trainees: list[Trainee]
    meetings: Sequence[Meeting]

    @property
    def org_id(self) -> UUID:
        """The base's organisation."""
        return self.base.org_id


async def numbered_base(db: AsyncSession, code: str | None = None, *, verified: bool = True) -> Base:
    """A base with a slot of the register, 01 to 36, so that it may number certificates."""
    name = {"zh": "长三角技术转移人才培养基地", "en": "Yangtze Delta Technology Transfer Training Base"}
    entity = {"zh": "某技术转移中心", "en": "A Technology Transfer Centre"}
    tenant = Organisation(kind=OrganisationKind.TRAINING_BASE, name=entity, name_keys=["某"], province="31")
    db.add(tenant)
    await db.flush()
    taken = set(await db.scalars(select(Base.code)))
    free = (f"{(next(_next) - 1) % 36 + 1:02d}" for _ in range(36))
    row = Base(
        code=code or next(one for one in free if one not in taken),
        org_id=tenant.id,
        tier=Tier.NATIONAL,
        name=name,
        province="31",
        verified=verified,
        source="公开名单（测试）" if verified else None,
        evidence_on=date(2026, 1, 5) if verified else None,
    )
    db.add(row)
    await db.flush()
    return row


async def issuing_world(
    db: AsyncSession,
    *,
    people: int = 1,
    verified: bool = True,
    code: str | None = None,
    passed: bool = True,
    lecturer_id: UUID | None = None,
    validity_years: int | None = None,
) -> IssuingWorld:
    """A finished session whose people have all hours, a released result, a seen identity and a confirmed spelling."""
    await load_shipped(db)
    base = await numbered_base(db, code, verified=verified)
    syllabus = (
        await db.scalars(
            select(Edition).where(
                col(Edition.kind) == EditionKind.SYLLABUS, col(Edition.code) == "technology-manager-initial"
            )
        )
    ).one()
    if validity_years is not None:
        syllabus = await with_validity(db, syllabus, validity_years)
    session = await course_session(
        db,
        base,
        syllabus=syllabus,
        state=SessionState.PUBLISHED,
        starts_on=TAUGHT_FROM,
        code=f"C{secrets.token_hex(4)}",
    )
    meetings = await whole_programme(db, session, lecturer_id=lecturer_id)
    world = IssuingWorld(
        base=base,
        session=session,
        scheduler=await accounts.staff(db, "scheduler", base.org_id, "陈排课"),
        director=await accounts.staff(db, "base_director", base.org_id, "周主任"),
        decider=await accounts.staff(db, "certification_decider", base.org_id, "钱决定"),
        trainees=[],
        meetings=meetings,
    )
    for place in range(people):
        name, english = NAMES[place % len(NAMES)]
        world.trainees.append(await trainee(db, world, name, english, passed=passed))
    return world


async def with_validity(db: AsyncSession, syllabus: Edition, years: int) -> Edition:
    """The same syllabus as an edition of its own whose certificates end after so many years."""
    content = {**syllabus.content, "validity_years": years, "version": f"2026.{secrets.token_hex(3)}"}
    row = Edition(
        **syllabus.model_dump(exclude={"id", "created_at", "content", "digest", "version", "findings"}),
        content=content,
        version=content["version"],
        digest=Syllabus.from_json(content).digest(),
        findings=[],
    )
    db.add(row)
    await db.flush()
    return row


async def trainee(
    db: AsyncSession,
    world: IssuingWorld,
    name: str = "林知远",
    english: str | None = "LIN Zhiyuan",
    *,
    passed: bool | None = True,
    attended: Sequence[Meeting] | None = None,
    identity_seen: bool = True,
) -> Trainee:
    """One more person in the session: hours, result (`passed` None: none) and identity as told."""
    row = await given_person(db, name, seen_by=world.org_id)
    row.english_name, row.english_confirmed_at = english, clock.now() if english else None
    document = await identity_of(db, row.id)
    assert document is not None
    document.state = IdentityState.SEEN if identity_seen else IdentityState.DECLARED
    enrolment = Enrolment(
        org_id=world.org_id,
        course_session_id=world.session.id,
        person_id=row.id,
        syllabus_id=world.session.syllabus_id,
        state=EnrolmentState.ENROLLED,
        source="self",
        enrolled_at=clock.now(),
    )
    db.add(enrolment)
    await db.flush()
    for meeting in world.meetings if attended is None else attended:
        await attends(db, meeting, enrolment)
    if passed is not None:
        await released(db, world, enrolment, passed=passed)
    return Trainee(row, enrolment, await accounts.holder(db, row.id, name))


async def attends(db: AsyncSession, meeting: Meeting, enrolment: Enrolment) -> None:
    """A person was at a meeting: the attendance row, and the hours in the ledger."""
    row = Attendance(
        org_id=meeting.org_id,
        meeting_id=meeting.id,
        enrolment_id=enrolment.id,
        person_id=enrolment.person_id,
        presence=Presence.PRESENT,
        minutes=meeting.minutes,
        source="list",
        evidence={},
    )
    db.add(row)
    await db.flush()
    await post(
        db,
        org_id=meeting.org_id,
        book=Book.HOURS,
        source_kind="attendance",
        source_id=row.id,
        effective_on=TAUGHT_FROM,
        lines=[
            Line(
                "hours.earned",
                Side.DEBIT,
                meeting.minutes,
                "enrolment",
                enrolment.id,
                enrolment.person_id,
                meeting.module,
            ),
            Line(
                "hours.given", Side.CREDIT, meeting.minutes, "session", meeting.course_session_id, None, meeting.module
            ),
        ],
    )


async def released(
    db: AsyncSession, world: IssuingWorld, enrolment: Enrolment, *, passed: bool = True, earned: int | None = None
) -> Sitting:
    """A result released by two people: 86 of 100, or 41 when not passed."""
    assert world.scheduler.account_id is not None
    blueprint = (await db.scalars(select(Edition).where(col(Edition.kind) == EditionKind.BLUEPRINT).limit(1))).one()
    bank = ItemBank(org_id=world.org_id, code=f"bank-{secrets.token_hex(4)}", title={"zh": "题库"})
    db.add(bank)
    await db.flush()
    opens = clock.now() - timedelta(days=3)
    exam = ExamSession(
        org_id=world.org_id,
        course_session_id=world.session.id,
        blueprint_id=blueprint.id,
        bank_id=bank.id,
        title={"zh": "考试", "en": "Exam"},
        opens_at=opens,
        closes_at=opens + timedelta(hours=3),
        duration_minutes=120,
        pass_numerator=3,
        pass_denominator=5,
        state=ExamState.RELEASED,
    )
    db.add(exam)
    await db.flush()
    form = ExamForm(
        org_id=world.org_id, exam_session_id=exam.id, seed=1, content={}, paper=[], digest=secrets.token_hex(32)
    )
    db.add(form)
    await db.flush()
    sitting = Sitting(
        org_id=world.org_id,
        exam_session_id=exam.id,
        enrolment_id=enrolment.id,
        person_id=enrolment.person_id,
        form_id=form.id,
        seed=1,
        arrangement={},
        slots=1,
        state=SittingState.SUBMITTED,
        opened_at=opens,
        deadline_at=opens + timedelta(hours=2),
        submitted_at=opens + timedelta(hours=1),
    )
    db.add(sitting)
    await db.flush()
    score = earned if earned is not None else (86 if passed else 41)
    result = Result(
        org_id=world.org_id,
        sitting_id=sitting.id,
        enrolment_id=enrolment.id,
        person_id=enrolment.person_id,
        run=1,
        score_numerator=score,
        score_denominator=1,
        full_marks=100,
        passed=passed,
        complete=True,
        record={
            "points": "100",
            "earned": str(score),
            "cut": {"required": "60"},
            "modules": {
                "public_knowledge": {"points": 40, "earned": score - 46 if score > 46 else 0},
                "policy_and_law": {"points": 60, "earned": 46 if score > 46 else score},
            },
            "units": {},
        },
        digest=secrets.token_hex(32),
    )
    approval = Approval(
        org_id=world.org_id,
        subject_kind="exam_session",
        subject_id=exam.id,
        subject_digest=result.digest,
        step="release",
        maker_account_id=world.scheduler.account_id,
        checker_account_id=world.director.account_id,
        state=ApprovalState.APPROVED,
        decided_at=clock.now(),
    )
    db.add_all([result, approval])
    await db.flush()
    db.add(
        ResultRelease(
            org_id=world.org_id,
            result_id=result.id,
            exam_session_id=exam.id,
            enrolment_id=enrolment.id,
            person_id=enrolment.person_id,
            approval_id=approval.id,
        )
    )
    await db.flush()
    return sitting


async def approved_list(
    db: AsyncSession, world: IssuingWorld, kind: CertificateKind = CertificateKind.LEVEL
) -> IssuingList:
    """A list drawn up and approved by two people, before its job has run."""
    row = await draw_up_list(db, world.scheduler, world.session.id, kind)
    approval = await propose(db, world.scheduler, subject_kind=SUBJECT, subject_id=row.id, digest=row.digest)
    await decide(db, world.decider, approval, digest=row.digest, approve=True)
    row.state = ListState.APPROVED
    await db.flush()
    return row


async def issued(
    db: AsyncSession, world: IssuingWorld, kind: CertificateKind = CertificateKind.LEVEL
) -> list[Credential]:
    """Everyone eligible has their certificate. Needs `world()`."""
    row = await approved_list(db, world, kind)
    settings = get_settings()
    made = []
    for entry in await entries_of(db, row.id):
        credential = await issue_entry(db, keyring_at(settings.keyring_path), settings, entry.id)
        if credential is not None:
            made.append(credential)
    await finish_list(db, row.id)
    return made


async def correction(
    db: AsyncSession, world: IssuingWorld, made: Credential, kind: CorrectionKind = CorrectionKind.REPRINT
) -> CorrectionRequest:
    """A correction that the base has asked for and not yet proposed."""
    settings = get_settings()
    return await request_correction(
        db,
        keyring_at(settings.keyring_path),
        settings,
        world.scheduler,
        made.id,
        kind=kind,
        reason="纸质证书污损",
        by_holder=False,
    )


def standing_in(account: Actor, rights: Actor) -> Actor:
    """The account of one with the post of another: someone who held both posts."""
    return replace(account, role=rights.role, permissions=rights.permissions)
