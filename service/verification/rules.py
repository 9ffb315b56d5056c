"""What the public is told: one calm answer for each state, with the next step."""

from dataclasses import dataclass

from service.foundation.language import later


@dataclass(frozen=True)
class Said:
    """A state's title, what it means, what to do next, and how the page looks (`verdict` macro kinds)."""

    title: str
    meaning: str
    next_step: str
    look: str


SAID: dict[str, Said] = {
    "valid": Said(
        later("Valid"),
        later("This certificate was issued by the base named below and stands today."),
        later("Compare the masked name and the facts with what you were shown."),
        "ok",
    ),
    "expired": Said(
        later("Expired"),
        later("This certificate is genuine, and its time has run out."),
        later("Ask the holder whether it was renewed."),
        "expired",
    ),
    "not_yet_valid": Said(
        later("Not valid yet"),
        later("This certificate is genuine and becomes valid on the date below."),
        later("Come back on that day."),
        "expired",
    ),
    "suspended": Said(
        later("Suspended"),
        later("This certificate is genuine, and the base has suspended it for the time being."),
        later("Do not rely on it now. Ask the holder or the base, and check again later."),
        "warn",
    ),
    "revoked": Said(
        later("Revoked"),
        later("This certificate was revoked for good by the base that issued it."),
        later("Do not rely on it."),
        "err",
    ),
    "superseded": Said(
        later("Replaced by a newer certificate"),
        later("This version was genuine. A corrected one under the same number has taken its place."),
        later("Do not rely on this paper or file. Look at the one that stands now."),
        "expired",
    ),
    "unknown": Said(
        later("No such certificate"),
        later("No certificate was found for what you entered."),
        later("Check the number, and the name or check code, as they are printed. If they are right, ask the base."),
        "unknown",
    ),
    "content-differs": Said(
        later("The content was changed"),
        later("A certificate was issued under this address, but with other content."),
        later("Do not rely on this file. Ask the holder for the original."),
        "err",
    ),
    "unproven": Said(
        later("The signature does not hold"),
        later("Nothing vouches for the content of this file."),
        later("Do not rely on this file. Ask the holder for the original."),
        "err",
    ),
    "unreadable": Said(
        later("Not a certificate of this service"),
        later("This file is not a certificate credential that can be read."),
        later("Ask the holder for the original file."),
        "unknown",
    ),
    "undecided": Said(
        later("Cannot be decided now"),
        later("The content is genuine, but whether it still stands could not be looked up."),
        later("Please check again later."),
        "unknown",
    ),
}

SPECIMEN = Said(
    later("Specimen: it certifies nothing"),
    later("This is a specimen made for demonstration. It proves no training, no result and no competence."),
    later("Do not rely on it."),
    "warn",
)

WAYS = {
    "qr": later("By the QR code"),
    "code": later("By number and check code"),
    "number": later("By number and name"),
    "link": later("Through your link"),
    "api": later("In bulk, by a verifier"),
    "file": later("By the credential file"),
    "address": later("At its own address"),
}

LINK_DAYS = (7, 30, 90, 180)

UNKNOWN_IN_BULK = later("Not found or name differs")

ROWS_AT_ONCE = 500
"""Rows of one check on the page."""

ROWS_A_DAY = 5000
"""Look-ups of one organisation in a day (Beijing), page and interface together: enough for every intake, too few to guess names."""

KEPT_DAYS = 7
"""How long the answers of a check are kept for the page; who checked how many is kept for good."""

CHIPS = {
    "valid": "ok",
    "expired": "pending",
    "not_yet_valid": "pending",
    "suspended": "paused",
    "revoked": "err",
    "superseded": "info",
    "unknown": "unknown",
}
