"""Verbs over issuing lists and credentials: draw up, propose, decide, issue, change, correct, erase."""

from service.credentials.actions.changing import decide_change, propose_change
from service.credentials.actions.correcting import (
    decide_correction,
    propose_correction,
    refuse_correction,
    request_correction,
    withdraw_correction,
)
from service.credentials.actions.erasing import erase_names
from service.credentials.actions.issuing import finish_list, hinder, issue_entry
from service.credentials.actions.listing import decide_list, draw_up_list, propose_list

__all__ = [
    "decide_change",
    "decide_correction",
    "decide_list",
    "draw_up_list",
    "erase_names",
    "finish_list",
    "hinder",
    "issue_entry",
    "propose_change",
    "propose_correction",
    "propose_list",
    "refuse_correction",
    "request_correction",
    "withdraw_correction",
]
