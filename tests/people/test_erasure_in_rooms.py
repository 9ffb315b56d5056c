"""After an erasure no room holds clear text of the person, but for what the register of personal data says is still needed."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col, select

from service.accounts.tables import Account
from service.approvals.tables import Approval, ApprovalState
from service.exams.actions.forgetting import forget_answers
from service.exams.queries import latest_results
from service.exams.tables import ExamState, Result, ResultRelease, Sitting, SittingState
from service.foundation import clock
from service.foundation.keyring import Keyring
from service.payouts.actions.forgetting import forget_objections
from service.payouts.tables import Objection, Payout, PayoutState
from service.people.reading import personal_fields
from service.people.tables import Affiliation, Person
from service.settings import Settings
from tests.conftest import ClientAs, World
from tests.given import accounts as given
from tests.given import exams as given_exams
from tests.given.exams import ExamWorld
from tests.given.incentives import plan
from tests.given.people import resident_number

Drain = Callable[[], Awaitable[int]]
CANARY = "甄留痕"
PHONE = "+8613900139777"


async def columns_that_tell(world: World, secrets: list[str]) -> set[tuple[str, str]]:
    """Every (table, column) of the database, of whatever type, whose text holds one of these strings."""
    found: set[tuple[str, str]] = set()
    async with world() as db:
        for table in SQLModel.metadata.sorted_tables:
            if table.name == "rate_bucket":  # counts by rule, which the worker may not even read
                continue
            whole = sa.text(f'SELECT CAST(one AS text) FROM "{table.name}" AS one')
            if not any(one in line for line in await db.scalars(whole) for one in secrets):
                continue
            for column in table.columns:
                told = await db.scalars(sa.text(f'SELECT "{column.name}"::text FROM "{table.name}"'))
                if any(one in line for line in told if line is not None for one in secrets):
                    found.add((table.name, column.name))
    return found


class Traces:
    """A person who left their name in every free text the rooms have."""

    def __init__(self, made: ExamWorld, number: str, import_id: str) -> None:
        self.made, self.number, self.import_id = made, number, import_id

    @property
    def person_id(self) -> UUID:
        """The person."""
        return self.made.candidates[0].person.id

    @property
    def sitting_id(self) -> UUID:
        """Their sitting."""
        found: UUID = self.made.candidates[0].sitting_id
        return found

    @property
    def secrets(self) -> list[str]:
        """What must not be found in clear."""
        return [CANARY, PHONE, PHONE[3:], self.number, self.number[:4] + "*" * 10 + self.number[-4:]]


async def traces(
    world: World, client_as: ClientAs, drain: Drain, keyring: Keyring, *, released_days_ago: int
) -> Traces:
    """An exam with essays, more time, marks and release; a roster; a refusal; an affiliation; two objections."""
    number = resident_number()
    async with world() as db:
        made = await given_exams.frozen_exam(db, people=1)
        one = made.candidates[0]
        await db.execute(sa.update(Person).where(col(Person.id) == one.person.id).values(name=CANARY, sort_key=CANARY))
        await db.execute(sa.update(Account).where(col(Account.person_id) == one.person.id).values(display_name=CANARY))
        account = await db.get(Account, one.actor.account_id)
        assert account is not None
        account.phone_lookup = keyring.lookup("phone", PHONE)
        account.phone_sealed = keyring.encrypt(PHONE.encode(), f"account.phone:{account.id}")
        db.add(
            Affiliation(person_id=one.person.id, org_id=made.home.id, title=CANARY, source="employer", asked_as=CANARY)
        )
    self_, office = await client_as(one.actor), await client_as(made.scheduler)
    declared = {"name": CANARY, "kind": "resident", "identity_number": number, "consent": True}
    answer = await self_.post("/api/my/identity", json=declared)
    assert answer.status_code in (200, 201), answer.text
    more = {"minutes": 10, "reason": f"{CANARY}手腕骨折", "moves_window": False}
    assert (await office.post(f"/api/sittings/{one.sitting_id}/time", json=more)).status_code in (200, 201)
    await self_.post(f"/api/sittings/{one.sitting_id}/start")
    essay = next(slot for slot in made.paper.slots if slot.item.kind == "essay")
    for revision, text in ((1, f"我是{CANARY}"), (2, f"我是{CANARY}，来自样例大学")):
        saved = await self_.put(
            f"/api/sittings/{one.sitting_id}/answers/{essay.slot}", json={"revision": revision, "response": text}
        )
        assert saved.status_code == 200, saved.text
    await self_.post(f"/api/sittings/{one.sitting_id}/submit")
    await drain()
    points = {line.id: str(line.points) for line in essay.item.questions[0].rubric}
    marked = await (await client_as(made.marker)).post(
        f"/api/sittings/{one.sitting_id}/marks/{essay.slot}",
        json={"points": points, "round": 1, "comment": f"{CANARY}答得好"},
    )
    assert marked.status_code == 201, marked.text
    await drain()
    roster = f"姓名,证件号码\r\n{CANARY},{number}\r\n".encode()
    upload = await office.post(
        f"/api/imports?kind=roster&target={one.enrolment.course_session_id}",
        files={"data": (f"{CANARY}名单.csv", roster)},
    )
    assert upload.json()["counts"]["same"] == 1, upload.text
    async with world() as db:
        await released(db, made, released_days_ago)
        await db.execute(
            sa.text("UPDATE enrolment SET reason = :r WHERE id = :i"), {"r": f"{CANARY}材料不全", "i": one.enrolment.id}
        )
        version = await plan(db, made.home.id)
        payout = Payout(
            org_id=version.org_id,
            plan_id=version.plan_id,
            title="一批",
            through=clock.today(),
            digest="0" * 64,
            notice_kind="calendar",
            notice_days=15,
            state=PayoutState.NOTICED,
        )
        db.add(payout)
        await db.flush()
        for settled in (clock.now(), None):
            db.add(
                Objection(
                    org_id=payout.org_id,
                    payout_id=payout.id,
                    person_id=one.person.id,
                    ground=f"{CANARY}的份额有误",
                    finding=f"{CANARY}有理" if settled else None,
                    upheld=True if settled else None,
                    settled_at=settled,
                )
            )
    return Traces(made, number, upload.json()["id"])


async def released(db: AsyncSession, made: ExamWorld, days_ago: int) -> None:
    """The result, released so many days ago."""
    sitting_id = made.candidates[0].sitting_id
    result: Result = (await latest_results(db, [sitting_id]))[sitting_id]
    when = clock.now() - timedelta(days=days_ago)
    approval = Approval(
        org_id=made.home.id,
        subject_kind="exam_session",
        subject_id=made.exam.id,
        subject_digest="0" * 64,
        step="release",
        maker_account_id=made.scheduler.account_id,  # type: ignore[arg-type]
        checker_account_id=made.director.account_id,
        state=ApprovalState.APPROVED,
        decided_at=when,
    )
    db.add(approval)
    await db.flush()
    db.add(
        ResultRelease(
            org_id=made.home.id,
            result_id=result.id,
            exam_session_id=made.exam.id,
            enrolment_id=result.enrolment_id,
            person_id=result.person_id,
            approval_id=approval.id,
            created_at=when,
        )
    )
    exam = await db.get(type(made.exam), made.exam.id)
    assert exam is not None
    exam.state = ExamState.RELEASED


async def erased(world: World, client_as: ClientAs, drain: Drain, left: Traces) -> None:
    """The person asks, the security administrator carries it out, the rooms follow."""
    async with world() as db:
        office = await given.staff(db, "security_administrator", left.made.home.id)
    asked = await (await client_as(left.made.candidates[0].actor)).post("/api/my/erasure")
    assert asked.status_code == 201, asked.text
    done = await (await client_as(office)).post(f"/api/erasures/{asked.json()['id']}", json={"carry_out": True})
    assert done.status_code == 200, done.text
    await drain()


async def test_after_an_erasure_no_column_tells_the_person_but_an_open_objection(
    world: World, client_as: ClientAs, drain: Drain, keyring: Keyring, settings: Settings
) -> None:
    left = await traces(world, client_as, drain, keyring, released_days_ago=40)
    before = await columns_that_tell(world, left.secrets)
    assert {
        ("person", "name"),
        ("answer", "response"),
        ("answer_trail", "response"),
        ("mark", "comment"),
        ("time_adjustment", "reason"),
        ("enrolment", "reason"),
        ("objection", "ground"),
        ("objection", "finding"),
        ("affiliation", "title"),
        ("account", "display_name"),
        ("identity_document", "masked"),
        ("file_import", "file_name"),
    } <= before
    async with world() as db:
        file_key = await db.scalar(sa.text("SELECT file_key FROM file_import WHERE id = :i"), {"i": left.import_id})
        proof = (await latest_results(db, [left.sitting_id]))[left.sitting_id].digest
        receipt = await db.scalar(sa.select(col(Sitting.receipt)).where(col(Sitting.id) == left.sitting_id))
    assert (settings.files_dir / str(file_key)).is_file()
    await erased(world, client_as, drain, left)
    after = await columns_that_tell(world, left.secrets)
    assert after == {("objection", "ground")}, "the open objection is heard to its end"
    assert "办结即清除" in personal_fields()["objection"]["ground"].retention.zh
    assert not (settings.files_dir / str(file_key)).exists()
    async with world() as db:
        await db.execute(sa.text("UPDATE objection SET settled_at = now(), upheld = false WHERE settled_at IS NULL"))
        assert await forget_objections(db) == 1
        assert await forget_objections(db) == 0
    assert await columns_that_tell(world, left.secrets) == set()
    async with world() as db:  # what stays: points, score, digests, receipt, whether an objection was upheld
        kept = (await latest_results(db, [left.sitting_id]))[left.sitting_id]
        assert kept.digest == proof
        assert await db.scalar(sa.select(col(Sitting.receipt)).where(col(Sitting.id) == left.sitting_id)) == receipt
        assert (await db.scalar(sa.text("SELECT count(*) FROM answer_trail"))) == 2
        assert (await db.scalar(sa.text("SELECT points <> '{}' FROM mark"))) is True
        assert (await db.scalar(sa.text("SELECT minutes FROM time_adjustment"))) == 10
        upheld = await db.scalars(select(Objection.upheld).order_by(col(Objection.id)))
        assert list(upheld) == [True, False]


async def test_answers_stay_while_the_result_can_be_appealed_and_go_afterwards(
    world: World, client_as: ClientAs, drain: Drain, keyring: Keyring
) -> None:
    left = await traces(world, client_as, drain, keyring, released_days_ago=3)
    await erased(world, client_as, drain, left)
    still = await columns_that_tell(world, left.secrets) - {("objection", "ground")}
    assert still == {
        ("answer", "response"),
        ("answer_trail", "response"),
        ("mark", "comment"),
        ("time_adjustment", "reason"),
    }
    for table, column in still:
        assert "成绩不能再申诉时即清除" in personal_fields()[table][column].retention.zh
    async with world() as db:
        assert await forget_answers(db) == 0
        await db.execute(sa.text("UPDATE exam_session SET appeal_days = 1"))
        assert await forget_answers(db) == 1  # now the window is over
        assert await forget_answers(db) == 0
    assert await columns_that_tell(world, left.secrets) == {("objection", "ground")}


async def test_nobody_but_the_rule_blanks_what_is_only_added(
    world: World, client_as: ClientAs, drain: Drain, keyring: Keyring
) -> None:
    await traces(world, client_as, drain, keyring, released_days_ago=40)
    async with world() as db:
        for statement in (
            "UPDATE answer_trail SET response = NULL",
            "UPDATE mark SET comment = NULL",
            "UPDATE mark SET points = '{}'",
            "UPDATE time_adjustment SET reason = ''",
            "DELETE FROM mark",
        ):
            with pytest.raises(DBAPIError):
                async with db.begin_nested():
                    await db.execute(sa.text(statement))
        assert await forget_answers(db) == 0  # nobody was erased, and five years are not over


async def test_an_unfinished_sitting_keeps_its_answers(
    world: World, client_as: ClientAs, drain: Drain, keyring: Keyring
) -> None:
    left = await traces(world, client_as, drain, keyring, released_days_ago=40)
    async with world() as db:
        assert (await db.get(Sitting, left.sitting_id)).state is SittingState.SUBMITTED  # type: ignore[union-attr]
        await db.execute(sa.text("UPDATE exam_session SET state = 'closed'"))
    await erased(world, client_as, drain, left)
    assert ("answer", "response") in await columns_that_tell(world, left.secrets)
