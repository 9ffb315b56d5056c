"""Verbs of incentives: plans and their versions, agreements, revenue events and their reversal."""

from service.incentives.actions.agreements import sign_agreement
from service.incentives.actions.events import record_event
from service.incentives.actions.plans import (
    create_plan,
    decide_version,
    draft_version,
    propose_version,
    redraft_version,
)
from service.incentives.actions.reversals import correct_event, reverse_event

__all__ = [
    "correct_event",
    "create_plan",
    "decide_version",
    "draft_version",
    "propose_version",
    "record_event",
    "redraft_version",
    "reverse_event",
    "sign_agreement",
]
