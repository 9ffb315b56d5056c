"""Verbs of payouts: proposed, approved, put on notice, objected to, cleared, paid; statements issued."""

from service.payouts.actions.notices import (
    clear_payout,
    object_as_person,
    open_notice,
    record_objection,
    settle_objection,
)
from service.payouts.actions.payouts import decide_payout, pay_payout, propose_payout, reject_payout
from service.payouts.actions.statements import ask_statement, issue_statement

__all__ = [
    "ask_statement",
    "clear_payout",
    "decide_payout",
    "issue_statement",
    "object_as_person",
    "open_notice",
    "pay_payout",
    "propose_payout",
    "record_objection",
    "reject_payout",
    "settle_objection",
]
