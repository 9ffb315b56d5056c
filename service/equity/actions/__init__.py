"""Granting shares, booking what vests by the day, and ending a grant."""

from service.equity.actions.ending import decide_ending, propose_ending
from service.equity.actions.granting import decide_grant, propose_grant
from service.equity.actions.vesting import vest_as_of

__all__ = ["decide_ending", "decide_grant", "propose_ending", "propose_grant", "vest_as_of"]
