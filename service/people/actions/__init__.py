"""Verbs over persons: identity, keys, grounds, consents, employment, qualifications, erasure."""

from service.people.actions.grounds import end_access, grant_access
from service.people.actions.identity import person_for
from service.people.actions.personal_keys import personal_key
from service.people.actions.qualifications import change_qualification, record_qualification

__all__ = [
    "change_qualification",
    "end_access",
    "grant_access",
    "person_for",
    "personal_key",
    "record_qualification",
]
