"""Looking certificates up for strangers, and what holders see of it; every look is kept by the same statement that answers."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from certificates.canonical import read_json
from certificates.keys import KeyTable, did_of_base
from certificates.refusals import CertificateRefusal, CheckCodeUnreadable
from certificates.serial import parse_check_code, parse_number
from certificates.verify import CredentialState, Standing, verify_credential
from service.credentials.actions.signing import name_digest
from service.credentials.rules.states import worth_on
from service.foundation import clock
from service.foundation.actor import Actor, Reach, Scope
from service.foundation.database import set_scope
from service.foundation.errors import NotFound
from service.foundation.keyring import Keyring, digest_of
from service.foundation.language import current_language, gettext
from service.foundation.records import uuid7
from service.keys.queries import published_keys
from service.organisations.queries import names_of
from service.settings import Settings, get_settings
from service.verification.errors import AnswersGone, CodeMistyped, LinkEnded, NameOrCodeNeeded, NumberMistyped
from service.verification.rules import KEPT_DAYS, SAID
from service.verification.schemas import Answer, CheckedRow, LookRead
from service.verification.tables import BatchCheck, LookUp, ShareLink

LOOK_UP = sa.text("SELECT look_up_credential(:log, :number, :code, :name, :english, :way, :verifier, :day)").bindparams(
    sa.bindparam("code", type_=sa.Text()),
    sa.bindparam("name", type_=sa.LargeBinary()),
    sa.bindparam("english", type_=sa.LargeBinary()),
    sa.bindparam("verifier", type_=sa.Uuid()),
)
RECORD = sa.text(
    "SELECT signed_digest, state, base_code, org_id, view FROM credential_record(:log, :id, :verifier, :day)"
).bindparams(sa.bindparam("verifier", type_=sa.Uuid()))


def number_typed(text: str) -> str:
    """A certificate number in its printed form, as people type it; raises NumberMistyped."""
    try:
        return str(parse_number(text))
    except CertificateRefusal as refusal:
        raise NumberMistyped(field="number", sentence=refusal.sentence(current_language())) from refusal


def code_typed(text: str) -> str:
    """A check code in its printed form; raises CodeMistyped."""
    try:
        return parse_check_code(text)
    except CheckCodeUnreadable as refusal:
        raise CodeMistyped(field="code", example=refusal.facts["example"]) from refusal


async def look_up(
    db: AsyncSession,
    keyring: Keyring,
    *,
    number: str,
    name: str | None = None,
    code: str | None = None,
    way: str | None = None,
    verifier: UUID | None = None,
) -> Answer:
    """Check a certificate by number with name or code. A wrong name, a wrong code and an unknown number answer alike.

    Raises NumberMistyped, CodeMistyped, NameOrCodeNeeded for what cannot be looked up at all.
    """
    known = number_typed(number)
    asked_name, asked_code = (name or "").strip() or None, (code or "").strip() or None
    if asked_name is None and asked_code is None:
        raise NameOrCodeNeeded(field="name")
    digest = None if asked_name is None else name_digest(keyring, known, asked_name)
    found = await db.scalar(
        LOOK_UP,
        {
            "log": uuid7(),
            "number": known,
            "code": None if asked_code is None else code_typed(asked_code),
            "name": digest,
            "english": digest,
            "way": way or ("code" if asked_code else "number"),
            "verifier": verifier,
            "day": clock.today(),
        },
    )
    return answer_of(found)


def answer_of(view: dict[str, Any] | None, state: str | None = None) -> Answer:
    """The public answer from the database's view of a credential; None is the answer to whatever was not found."""
    if view is None:
        chosen = state or "unknown"
        return Answer(state=chosen, sentence=gettext(SAID[chosen].meaning), checked_at=clock.now())  # type: ignore[arg-type]
    facts = view["facts"]
    since = view["state_since"]
    until = view["valid_until"]
    valid_from = date.fromisoformat(view["valid_from"])
    valid_until = None if until is None else date.fromisoformat(until)
    worth = state or _worth_of(view)
    current, replaced = view.get("current"), view.get("paper_replaced_at")
    return Answer(
        state=worth,  # type: ignore[arg-type]
        sentence=gettext(SAID[worth].meaning),
        checked_at=clock.now(),
        specimen=view["specimen"],
        number=view["number"],
        masked_name=view["masked_name"],
        kind=facts["kind"],
        title=facts["title"],
        level=facts["level"],
        scheme=facts["scheme"],
        base_code=facts["base_code"],
        base=facts["base"],
        issuer=facts["issuer"],
        periods=facts["periods"],
        awarded_on=date.fromisoformat(view["awarded_on"]),
        valid_from=valid_from,
        valid_until=valid_until,
        state_since=None if since is None else datetime.fromisoformat(since),
        reason=view["state_reason"],
        paper_sha256=view["paper_sha256"],
        version=view["version"],
        current_address=None
        if current is None
        else f"{get_settings().base_url.rstrip('/')}/credentials/{current['credential_id']}",
        current_state=None if current is None else _worth_of(current),  # type: ignore[arg-type]  # a literal
        paper_replaced_at=None if replaced is None else datetime.fromisoformat(replaced),
    )


def _worth_of(view: dict[str, Any]) -> str:
    """What a kept state is worth today."""
    until = view["valid_until"]
    return worth_on(
        view["state"],
        date.fromisoformat(view["valid_from"]),
        None if until is None else date.fromisoformat(until),
        clock.today(),
    )


async def public_credential(db: AsyncSession, credential_id: UUID) -> Answer:
    """The public answer at a credential's own address; the unknown answer for an address of none."""
    statement = sa.text("SELECT public_credential(:log, :id, :day)")
    return answer_of(await db.scalar(statement, {"log": uuid7(), "id": credential_id, "day": clock.today()}))


class _Record:
    """The issuer's record of one credential, for `verify_credential`."""

    def __init__(self, credential_id: str, signed_digest: str, state: str) -> None:
        self.credential_id = credential_id
        self.signed_digest = signed_digest
        self.state = state

    def content_digest_of(self, credential_id: str) -> str | None:
        return self.signed_digest if credential_id == self.credential_id else None

    def standing_of(self, credential_id: str, entries: tuple[Any, ...]) -> Standing | None:
        return Standing.GOOD if self.state == "valid" else Standing(self.state)


class _NoRecord:
    """Nothing was issued under this address."""

    def content_digest_of(self, credential_id: str) -> str | None:
        return None

    def standing_of(self, credential_id: str, entries: tuple[Any, ...]) -> Standing | None:
        return None


async def check_file(
    db: AsyncSession, settings: Settings, content: bytes | str, verifier: UUID | None = None
) -> Answer:
    """Check a credential file against the issuer's own record: content first, then proof, key, state and dates."""
    claimed = claimed_id(content)
    row = None
    if claimed is not None:
        row = (
            await db.execute(RECORD, {"log": uuid7(), "id": claimed, "verifier": verifier, "day": clock.today()})
        ).first()
    record: _Record | _NoRecord = _NoRecord()
    keys = KeyTable({})
    if row is not None:
        address = f"https://{settings.public_host}/credentials/{claimed}"
        record = _Record(address, row.signed_digest, row.state)
        did = did_of_base(settings.public_host, row.base_code)
        keys = KeyTable({did: await published_keys(db, row.org_id)})
    judged = verify_credential(content, keys=keys, now=clock.now(), registry=record, status=record)
    state = (
        judged.state.value.replace("-", "_") if judged.state is CredentialState.NOT_YET_VALID else judged.state.value
    )
    known = row is not None and judged.state not in (
        CredentialState.UNREADABLE,
        CredentialState.UNKNOWN,
        CredentialState.CONTENT_DIFFERS,
        CredentialState.UNPROVEN,
    )
    return answer_of(row.view if known and row is not None else None, state)


def claimed_id(content: bytes | str) -> UUID | None:
    """The random part of the address a credential file claims; None when it claims none of ours."""
    try:
        address = str(read_json(content).get("id", ""))
        return UUID(address.rpartition("/credentials/")[2])
    except (CertificateRefusal, ValueError):
        return None


@dataclass(frozen=True)
class Opened:
    """What a share link opens."""

    person_id: UUID
    credential_id: UUID
    expires_at: datetime


async def open_link(db: AsyncSession, token: str) -> Opened:
    """Open a share link: from here on this transaction reads as the holder, and only reads. Raises LinkEnded."""
    statement = sa.text("SELECT person_id, credential_id, expires_at FROM open_share_link(:log, :token, :day)")
    row = (await db.execute(statement, {"log": uuid7(), "token": digest_of(token), "day": clock.today()})).first()
    if row is None:
        raise LinkEnded
    await set_scope(db, Scope(reach=Reach.PERSON, person_id=row.person_id))
    return Opened(row.person_id, row.credential_id, row.expires_at)


async def links_of(db: AsyncSession, credential_id: UUID) -> list[ShareLink]:
    """The share links of a credential, newest first."""
    chosen = select(ShareLink).where(col(ShareLink.credential_id) == credential_id)
    return list(await db.scalars(chosen.order_by(col(ShareLink.created_at).desc()).limit(50)))


async def looks_of(db: AsyncSession, credential_id: UUID, limit: int = 50) -> list[LookRead]:
    """Who looked a credential up, newest first: the way, the answer, and the organisation when one checked in bulk."""
    chosen = select(LookUp).where(col(LookUp.credential_id) == credential_id)
    rows = list(await db.scalars(chosen.order_by(col(LookUp.created_at).desc(), col(LookUp.id).desc()).limit(limit)))
    names = await names_of(db, {one.verifier_org_id for one in rows if one.verifier_org_id is not None})
    return [
        LookRead(
            created_at=one.created_at,
            way=one.way,
            outcome=one.outcome,
            verifier=names.get(one.verifier_org_id) if one.verifier_org_id else None,
        )
        for one in rows
    ]


async def checks_of(db: AsyncSession, org_id: UUID, limit: int = 20) -> list[BatchCheck]:
    """An organisation's checks of many certificates, newest first."""
    chosen = select(BatchCheck).where(col(BatchCheck.org_id) == org_id)
    return list(await db.scalars(chosen.order_by(col(BatchCheck.id).desc()).limit(limit)))


async def check_for(db: AsyncSession, actor: Actor, check_id: UUID) -> BatchCheck:
    """A check of the actor's organisation; raises NotFound."""
    chosen = select(BatchCheck).where(col(BatchCheck.id) == check_id, col(BatchCheck.org_id) == actor.org)
    row = (await db.scalars(chosen)).first()
    if row is None:
        raise NotFound(what="check")
    return row


def answers_kept(row: BatchCheck, keyring: Keyring) -> list[CheckedRow]:
    """The answers of a check. Raises AnswersGone when their days are over."""
    if row.answers_sealed is None or row.expires_at <= clock.now():
        raise AnswersGone(days=KEPT_DAYS)
    return [
        CheckedRow.model_validate(one)
        for one in json.loads(keyring.decrypt(row.answers_sealed, f"batch_check.answers:{row.id}"))
    ]
