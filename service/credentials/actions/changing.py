"""Suspension, reinstatement and revocation: proposed by one person, decided by another, revocation for ever."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from certificates.canonical import digest
from certificates.facts import CertificateKind
from service.approvals.actions import decide, propose, withdraw
from service.approvals.errors import NothingProposed
from service.approvals.queries import open_approval
from service.approvals.tables import Approval
from service.credentials.errors import CredentialReplaced, ReasonUnknown, StateStep
from service.credentials.events import CorrectionSettled, CredentialStateChanged
from service.credentials.queries import credential_for, current_version, open_correction, proposal_of, versions_of
from service.credentials.rules.states import REASONS, STATE_TITLES, may_step
from service.credentials.tables import ChangeProposal, CorrectionState, Credential, CredentialChange, CredentialState
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.announcing import announce
from service.foundation.journal import note as journal
from service.people.actions import change_qualification

SUBJECT = "credential"
STEP = "change"
CORRECTION = "credential_correction"


def change_digest(row: Credential, to_state: str, reason: str, note: str | None) -> str:
    """SHA-256 of what the decider decides: which credential, from which state, to which, and why."""
    return digest(
        {"credential": str(row.id), "from": row.state.value, "to": to_state, "reason": reason, "note": note or ""}
    )


async def propose_change(
    db: AsyncSession, actor: Actor, credential_id: UUID, *, to_state: str, reason: str, note: str | None = None
) -> Approval:
    """Propose to suspend, reinstate or revoke. Raises NotFound, CredentialReplaced, StateStep, ReasonUnknown, AlreadyProposed."""
    actor.must("credentials.revoke_propose")
    await credential_for(db, actor, credential_id)
    # Under lock: a re-issue that is being decided is waited for, and no later one goes past this proposal.
    row = await _locked(db, credential_id)
    newer = await current_version(db, row)
    if newer is not None:
        raise CredentialReplaced(version=newer.version)
    if to_state not in REASONS or not may_step(row.state.value, to_state):
        raise StateStep(from_state=STATE_TITLES[row.state.value], to_state=STATE_TITLES.get(to_state, to_state))
    if reason not in REASONS[to_state]:
        raise ReasonUnknown(field="reason")
    approval = await propose(
        db,
        actor,
        subject_kind=SUBJECT,
        subject_id=row.id,
        digest=change_digest(row, to_state, reason, note),
        step=STEP,
    )
    db.add(
        ChangeProposal(
            org_id=row.org_id,
            credential_id=row.id,
            approval_id=approval.id,
            to_state=to_state,
            reason=reason,
            note=note,
        )
    )
    await db.flush()
    return approval


async def decide_change(
    db: AsyncSession, actor: Actor, credential_id: UUID, *, approve: bool, reason: str | None = None
) -> Credential:
    """Decide a proposed change; it takes effect with this transaction, for page, status list and qualification alike.

    Raises NotFound, StateStep, and of `approvals` NothingProposed, AlreadyDecided, SamePerson, SubjectChanged.
    """
    actor.must("credentials.revoke_decide")
    await credential_for(db, actor, credential_id)
    row = await _locked(db, credential_id)
    approval = await open_approval(db, SUBJECT, row.id, STEP)
    proposed = None if approval is None else await proposal_of(db, approval.id)
    if approval is None or proposed is None:
        raise NothingProposed
    expected = change_digest(row, proposed.to_state, proposed.reason, proposed.note)
    await decide(db, actor, approval, digest=expected, approve=approve, reason=reason)
    if not approve:
        return row
    before = row.state
    if not may_step(before.value, proposed.to_state):
        raise StateStep(from_state=STATE_TITLES[before.value], to_state=STATE_TITLES[proposed.to_state])
    # Revocation is of the number: earlier versions go with the one that stands, and an open correction is overtaken.
    changed = [row]
    if proposed.to_state == CredentialState.REVOKED.value:
        changed += [one for one in await versions_of(db, row.number) if one.id != row.id]
        await _overtake(db, actor, row)
    for one in changed:
        await _change(db, one, proposed, approval.id)
    await announce(db, CredentialStateChanged(credential_id=row.id, org_id=row.org_id))
    return row


async def _locked(db: AsyncSession, credential_id: UUID) -> Credential:
    chosen = select(Credential).where(col(Credential.id) == credential_id).with_for_update()
    return (await db.scalars(chosen.execution_options(populate_existing=True))).one()


async def _change(db: AsyncSession, row: Credential, proposed: ChangeProposal, approval_id: UUID) -> None:
    before = row.state
    row.state = CredentialState(proposed.to_state)
    row.state_since = clock.now()
    row.state_reason = proposed.reason
    db.add(
        CredentialChange(
            org_id=row.org_id,
            credential_id=row.id,
            person_id=row.person_id,
            from_state=before.value,
            to_state=row.state.value,
            reason=proposed.reason,
            note=proposed.note,
            approval_id=approval_id,
        )
    )
    await db.flush()
    if row.kind == CertificateKind.LEVEL.value:
        await change_qualification(db, row.id, row.state.value)
    await journal(
        db,
        "credential.state_changed",
        SUBJECT,
        row.id,
        person_id=row.person_id,
        org_id=row.org_id,
        to_state=row.state.value,
        reason=proposed.reason,
    )


async def _overtake(db: AsyncSession, actor: Actor, row: Credential) -> None:
    """Close an open correction of a certificate that is being revoked; its proposal is void."""
    correction = await open_correction(db, row.id)
    if correction is None:
        return
    approval = await open_approval(db, CORRECTION, correction.id)
    if approval is not None:
        await withdraw(db, actor, approval)
    correction.state, correction.settled_at = CorrectionState.OVERTAKEN, clock.now()
    await db.flush()
    await journal(
        db,
        "correction.overtaken",
        SUBJECT,
        row.id,
        person_id=row.person_id,
        org_id=row.org_id,
        correction_id=correction.id,
    )
    await announce(db, CorrectionSettled(correction_id=correction.id, org_id=row.org_id))
