"""Verbs over issuing lists and credentials: draw up, propose, decide, issue, change."""

from service.credentials.actions.changing import decide_change, propose_change
from service.credentials.actions.issuing import finish_list, hinder, issue_entry
from service.credentials.actions.listing import decide_list, draw_up_list, propose_list

__all__ = [
    "decide_change",
    "decide_list",
    "draw_up_list",
    "finish_list",
    "hinder",
    "issue_entry",
    "propose_change",
    "propose_list",
]
