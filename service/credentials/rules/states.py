"""How a credential's state may change, for which reasons, and what it is worth on a day."""

from datetime import date

from service.foundation.language import later

VALID, SUSPENDED, REVOKED, SUPERSEDED, EXPIRED, NOT_YET_VALID = (
    "valid",
    "suspended",
    "revoked",
    "superseded",
    "expired",
    "not_yet_valid",
)

STEPS = frozenset(
    {
        (VALID, SUSPENDED),
        (SUSPENDED, VALID),
        (VALID, REVOKED),
        (SUSPENDED, REVOKED),
        (VALID, SUPERSEDED),
        (SUPERSEDED, REVOKED),
    }
)
"""The database's trigger holds the same steps."""

REASONS: dict[str, dict[str, str]] = {
    SUSPENDED: {
        "investigation": later("Under investigation"),
        "identity_doubt": later("Doubt about the holder's identity"),
        "holder_request": later("At the holder's request"),
    },
    VALID: {
        "cleared": later("Cleared by the investigation"),
        "suspended_in_error": later("Suspended in error"),
    },
    REVOKED: {
        "fraud": later("Obtained by fraud"),
        "exam_misconduct": later("Misconduct in the assessment"),
        "issued_in_error": later("Issued in error"),
        "holder_request": later("At the holder's request"),
    },
}
"""Reason classes by the state they lead to. They are shown to the public; the note beside them is not."""

REISSUED = {
    "english_name": later("English spelling of the name corrected"),
    "changed_name": later("Change of name"),
    "wrong_fact": later("A fact corrected by the base"),
}
"""Why a later version took a certificate's place."""

REASON_TITLES = {slug: title for classes in REASONS.values() for slug, title in classes.items()} | REISSUED

STATE_TITLES = {
    VALID: later("Valid"),
    EXPIRED: later("Expired"),
    NOT_YET_VALID: later("Not valid yet"),
    SUSPENDED: later("Suspended"),
    REVOKED: later("Revoked"),
    SUPERSEDED: later("Replaced by a newer certificate"),
}


def may_step(from_state: str, to_state: str) -> bool:
    """Whether a credential may go from one kept state to another."""
    return (from_state, to_state) in STEPS


def worth_on(state: str, valid_from: date, valid_until: date | None, day: date) -> str:
    """What a credential is worth on a day: kept state first, then its dates, both ends included."""
    if state != VALID:
        return state
    if day < valid_from:
        return NOT_YET_VALID
    if valid_until is not None and day > valid_until:
        return EXPIRED
    return VALID
