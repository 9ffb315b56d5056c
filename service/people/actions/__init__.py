"""Verbs over persons: identity, keys, grounds, consents, employment, qualifications, looks, erasure, own data."""

from service.people.actions.consents import give_consent, withdraw_consent
from service.people.actions.declaring import change_name, confirm_english_name, declare_identity
from service.people.actions.employment import answer_employer, end_employment, record_employee
from service.people.actions.erasure import decide_erasure, erase_person, request_erasure
from service.people.actions.grounds import end_access, grant_access
from service.people.actions.identity import person_for
from service.people.actions.looking import REVEAL_REASONS, look_at, mark_seen, reveal_number
from service.people.actions.own_data import own_data
from service.people.actions.personal_keys import open_for, personal_key, seal_for
from service.people.actions.qualifications import change_qualification, record_qualification

__all__ = [
    "REVEAL_REASONS",
    "answer_employer",
    "change_name",
    "change_qualification",
    "confirm_english_name",
    "decide_erasure",
    "declare_identity",
    "end_access",
    "end_employment",
    "erase_person",
    "give_consent",
    "grant_access",
    "look_at",
    "mark_seen",
    "open_for",
    "own_data",
    "person_for",
    "personal_key",
    "record_employee",
    "record_qualification",
    "request_erasure",
    "reveal_number",
    "seal_for",
    "withdraw_consent",
]
