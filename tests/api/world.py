"""A small world of two bases and a university, with people of every role, for tests of the whole interface."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from service.accounts.rules import permissions_of
from service.foundation import clock
from service.foundation.actor import Actor
from service.organisations.rules import OrganisationKind
from tests.given import accounts
from tests.given.appeals import appeal
from tests.given.courses import published_session
from tests.given.credentials import correction, issued, issuing_world
from tests.given.enrolments import enrolment
from tests.given.exams import frozen_exam
from tests.given.incentives import deal
from tests.given.items import item, secret_bank
from tests.given.people import person as given_person
from tests.given.timetable import room
from tests.given.verification import batch_check

# The table whose keys each path parameter means; `code` and other words are given beside.
TABLES = {
    "account_id": "account",
    "affiliation_id": "affiliation",
    "agreement_id": "agreement",
    "appeal_id": "appeal",
    "bank_id": "item_bank",
    "blueprint_id": "edition",
    "check_id": "batch_check",
    "consent_id": "consent",
    "contract_id": "technology_contract",
    "correction_id": "correction_request",
    "course_session_id": "course_session",
    "credential_id": "credential",
    "document_id": "issued_document",
    "edition_id": "edition",
    "enrolment_id": "enrolment",
    "event_id": "revenue_event",
    "exam_id": "exam_session",
    "export_id": "file_export",
    "grant_id": "equity_grant",
    "host_id": "base_host",
    "import_id": "file_import",
    "item_id": "item",
    "key_id": "api_key",
    "letter_id": "letter",
    "link_id": "share_link",
    "list_id": "issuing_list",
    "meeting_id": "meeting",
    "objection_id": "objection",
    "org_id": "organisation",
    "part_id": "manager_part",
    "payout_id": "payout",
    "person_id": "person",
    "plan_id": "plan",
    "plan_version_id": "plan_version",
    "post_id": "post",
    "request_id": "erasure_request",
    "reset_id": "access_reset",
    "room_id": "room",
    "session_id": "course_session",
    "sitting_id": "sitting",
    "statement_id": "incentive_statement",
    "syllabus_id": "edition",
    "upload_id": "edition_upload",
    "venue_id": "venue",
    "version_id": "plan_version",
}


@dataclass
class Caller:
    """Who calls, under a name for the report; None is nobody."""

    label: str
    actor: Actor | None

    def may(self, rule: str) -> bool:
        """Whether a route with this access rule lets this caller in."""
        if self.actor is None:
            return rule == "public"
        return rule == "signed-in" or any(one in permissions_of(self.actor.role) for one in rule.split("|"))


async def callers(db: AsyncSession) -> list[Caller]:
    """The world, and one caller for each role worth its own run. Needs `world()`."""
    issuing = await issuing_world(db, people=2)
    [held, *_] = await issued(db, issuing)
    await correction(db, issuing, held)
    await batch_check(db)
    base = issuing.base
    hall = await room(db, base.org_id)
    coming = await published_session(db, base, room=hall)
    await enrolment(db, coming)
    exam = await frozen_exam(db, 3)
    trade = await deal(db)
    office = await accounts.organisation(db, "某部", OrganisationKind.GOVERNMENT)
    employer = await accounts.organisation(db, "某公司", OrganisationKind.FIRM)
    await given_person(db, "孙雇员", seen_by=employer.id, ground="employment")
    bank = await secret_bank(db, base.org_id, f"bank-{base.code}")
    await item(db, bank)

    panellist = await accounts.staff(db, "appeal_panellist", base.org_id)
    await appeal(db, issuing.trainees[0].enrolment.id, panel=[panellist])

    # Given enrolments that took no seat take it now, as every real one does.
    await db.execute(
        sa.text(
            "UPDATE course_session AS one SET taken = (SELECT count(*) FROM enrolment AS seat"
            " WHERE seat.course_session_id = one.id AND seat.state IN ('enrolled', 'completed', 'not_completed'))"
        )
    )

    async def staff(role: str, org_id: UUID) -> Caller:
        return Caller(role, await accounts.staff(db, role, org_id))

    return [
        Caller("anonymous", None),
        Caller("holder", issuing.trainees[0].actor),
        Caller("candidate", exam.candidates[0].actor),
        Caller("scheduler", issuing.scheduler),
        Caller("base_director", issuing.director),
        Caller("exam_scheduler", exam.scheduler),
        Caller("marker", exam.marker),
        Caller("appeal_panellist", panellist),
        await staff("item_author", base.org_id),
        await staff("item_reviewer", base.org_id),
        Caller("certification_decider", issuing.decider),
        await staff("employer_hr", employer.id),
        await staff("university_verifier", trade.org_id),
        Caller("incentive_officer", trade.officer),
        Caller("incentive_approver", trade.approver),
        Caller("finance_officer", trade.finance),
        await staff("standard_owner", office.id),
        await staff("security_administrator", office.id),
        await staff("system_administrator", office.id),
        await staff("ministry_reader", office.id),
        await staff("auditor", office.id),
    ]


async def known_ids(db: AsyncSession, most: int = 12) -> Mapping[str, list[str]]:
    """Up to `most` keys of real rows for each parameter that names one, and codes of bases and sessions."""
    found: dict[str, list[str]] = {}
    for parameter, table in TABLES.items():
        if rows := list(await db.scalars(sa.text(f"SELECT id FROM {table} ORDER BY id DESC LIMIT {most}"))):
            found[parameter] = [str(one) for one in rows]
    codes = await db.scalars(sa.text("SELECT code FROM course_session UNION ALL SELECT code FROM base"))
    found["code"] = [str(one) for one in codes][:most]
    found["slot"] = [str(one) for one in await db.scalars(sa.text("SELECT code FROM base"))][:most]
    found["number"] = [str(one) for one in await db.scalars(sa.text("SELECT number FROM credential"))][:most]
    found["as_of"] = [clock.today().isoformat()]
    return found
