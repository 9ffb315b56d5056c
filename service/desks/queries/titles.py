"""Titles of the things the journal speaks of, as far as its reader may see them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation.language import said

# One select a kind of thing: id, a title (text or {zh, en}) and a mark such as a code or number. Row-level security
# decides what the reader sees; what is not seen has no title. Names are of our own tables, never input.
SOURCES = {
    "agreement": "SELECT a.id, c.title, c.contract_no FROM agreement a"
    " JOIN technology_contract c ON c.id = a.contract_id WHERE a.id = ANY (:ids)",
    "api_key": "SELECT id, name, NULL FROM api_key WHERE id = ANY (:ids)",
    "appeal": "SELECT a.id, e.title, NULL FROM appeal a"
    " JOIN exam_session e ON e.id = a.exam_session_id WHERE a.id = ANY (:ids)",
    "attendance": "SELECT a.id, s.title, s.code FROM attendance a JOIN meeting m ON m.id = a.meeting_id"
    " JOIN course_session s ON s.id = m.course_session_id WHERE a.id = ANY (:ids)",
    "base": "SELECT id, name, code FROM base WHERE id = ANY (:ids)",
    "course_session": "SELECT id, title, code FROM course_session WHERE id = ANY (:ids)",
    "credential": "SELECT id, NULL, number FROM credential WHERE id = ANY (:ids)",
    "edition": "SELECT id, title, version FROM edition WHERE id = ANY (:ids)",
    "edition_upload": "SELECT id, file_name, NULL FROM edition_upload WHERE id = ANY (:ids)",
    "enrolment": "SELECT e.id, s.title, s.code FROM enrolment e"
    " JOIN course_session s ON s.id = e.course_session_id WHERE e.id = ANY (:ids)",
    "equity_grant": "SELECT id, NULL, reference FROM equity_grant WHERE id = ANY (:ids)",
    "exam_session": "SELECT id, title, NULL FROM exam_session WHERE id = ANY (:ids)",
    "file_import": "SELECT id, file_name, NULL FROM file_import WHERE id = ANY (:ids)",
    "incentive_statement": "SELECT id, NULL, period FROM incentive_statement WHERE id = ANY (:ids)",
    "issuing_entry": "SELECT e.id, s.title, s.code FROM issuing_entry e JOIN issuing_list l ON l.id = e.list_id"
    " JOIN course_session s ON s.id = l.course_session_id WHERE e.id = ANY (:ids)",
    "issuing_list": "SELECT l.id, s.title, s.code FROM issuing_list l"
    " JOIN course_session s ON s.id = l.course_session_id WHERE l.id = ANY (:ids)",
    "item": "SELECT id, NULL, code FROM item WHERE id = ANY (:ids)",
    "item_bank": "SELECT id, title, code FROM item_bank WHERE id = ANY (:ids)",
    "meeting": "SELECT m.id, s.title, s.code FROM meeting m"
    " JOIN course_session s ON s.id = m.course_session_id WHERE m.id = ANY (:ids)",
    "organisation": "SELECT id, name, uscc FROM organisation WHERE id = ANY (:ids)",
    "payout": "SELECT id, title, NULL FROM payout WHERE id = ANY (:ids)",
    "plan": "SELECT id, title, code FROM plan WHERE id = ANY (:ids)",
    "plan_version": "SELECT v.id, p.title, v.version::text FROM plan_version v"
    " JOIN plan p ON p.id = v.plan_id WHERE v.id = ANY (:ids)",
    "revenue_event": "SELECT id, NULL, reference FROM revenue_event WHERE id = ANY (:ids)",
    "room": "SELECT id, name, NULL FROM room WHERE id = ANY (:ids)",
    "signing_key": "SELECT id, name, NULL FROM signing_key WHERE id = ANY (:ids)",
    "sitting": "SELECT t.id, e.title, NULL FROM sitting t"
    " JOIN exam_session e ON e.id = t.exam_session_id WHERE t.id = ANY (:ids)",
    "technology_contract": "SELECT id, title, contract_no FROM technology_contract WHERE id = ANY (:ids)",
    "venue": "SELECT id, name, NULL FROM venue WHERE id = ANY (:ids)",
}


async def titles_of(db: AsyncSession, things: Iterable[tuple[str, UUID]]) -> dict[UUID, str]:
    """Titles in the reader's language by id of (kind, id); what the reader may not see is not among them."""
    wanted: dict[str, set[UUID]] = {}
    for kind, thing_id in things:
        if kind in SOURCES:
            wanted.setdefault(kind, set()).add(thing_id)
    found: dict[UUID, str] = {}
    for kind, ids in wanted.items():
        for thing_id, title, mark in await db.execute(sa.text(SOURCES[kind]), {"ids": list(ids)}):
            found[thing_id] = _title(title, mark)
    return found


def _title(title: Any, mark: str | None) -> str:
    text = said(title) if isinstance(title, dict) else str(title or "")
    return " ".join(part for part in (text, mark) if part)
