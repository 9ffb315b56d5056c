"""Roles and what each may do: deny by default, duties separated, no role that may do everything."""

from datetime import date

from service.foundation.actor import Reach
from service.foundation.language import later

SIGN_IN_CODE = later("Your sign-in code is %(code)s, good for five minutes. Never tell it to anyone.")
"""The text message that brings a one-time code."""

HOLDER = "holder"

ROLE_TITLES: dict[str, str] = {
    HOLDER: later("Trainee / certificate holder"),
    "ministry_reader": later("Ministry reader"),
    "provincial_reader": later("Provincial reader"),
    "base_director": later("Base director"),
    "scheduler": later("Scheduler"),
    "lecturer": later("Lecturer"),
    "practice_mentor": later("Practice mentor"),
    "invigilator": later("Invigilator"),
    "item_author": later("Item author"),
    "item_reviewer": later("Item reviewer"),
    "psychometrician": later("Psychometrician"),
    "marker": later("Marker"),
    "certification_decider": later("Certification decider"),
    "appeal_panellist": later("Appeal panellist"),
    "standard_owner": later("Standard owner"),
    "employer_hr": later("Employer HR"),
    "university_verifier": later("University verifier"),
    "incentive_officer": later("Incentive officer"),
    "incentive_approver": later("Incentive approver"),
    "finance_officer": later("Payer's finance officer"),
    "auditor": later("Auditor"),
    "system_administrator": later("System administrator"),
    "security_administrator": later("Security administrator"),
    "audit_administrator": later("Audit administrator"),
}

STAFF_ROLES = tuple(role for role in ROLE_TITLES if role != HOLDER)

# What everyone signed in may do with what is their own.
OWN = {"own.profile", "own.enrolments", "own.sittings", "own.credentials", "own.statements", "own.inbox"}

PERMISSIONS: dict[str, set[str]] = {
    HOLDER: set(OWN),
    "ministry_reader": {"statistics.read", "bases.read"},
    "provincial_reader": {"statistics.read_province", "bases.read"},
    "base_director": {
        "bases.read",
        "courses.read",
        "courses.approve",
        "enrolments.read",
        "exams.read",
        "exams.release",
        "appeals.manage",
        "credentials.read",
        "credentials.propose",
        "credentials.revoke_propose",
        "statistics.read_own",
        "people.read",
        "posts.read",
        "keys.manage",
        "journal.read_own",
    },
    "scheduler": {
        "bases.read",
        "courses.read",
        "courses.plan",
        "courses.publish",
        "timetable.plan",
        "enrolments.read",
        "enrolments.manage",
        "attendance.record",
        "exams.read",
        "exams.plan",
        "exams.release_propose",
        "appeals.manage",
        "credentials.read",
        "credentials.propose",
        "people.read",
        "people.enter",
        "exchange.import",
        "statistics.read_own",
    },
    "lecturer": {"courses.read", "attendance.record", "timetable.read"},
    "practice_mentor": {"courses.read", "attendance.record", "timetable.read"},
    "invigilator": {"exams.read", "exams.invigilate"},
    "item_author": {"items.read", "items.write"},
    "item_reviewer": {"items.read", "items.review"},
    "psychometrician": {"items.read", "exams.read", "exams.analyse"},
    "marker": {"exams.mark"},
    "certification_decider": {"credentials.read", "credentials.decide", "credentials.revoke_decide"},
    "appeal_panellist": {"appeals.hear"},
    "standard_owner": {"editions.read", "editions.upload", "editions.approve"},
    "employer_hr": {"people.read", "people.employ", "exports.make", "credentials.read_granted"},
    "university_verifier": {"verification.batch", "credentials.read_granted"},
    "incentive_officer": {
        "contracts.manage",
        "incentives.read",
        "incentives.record",
        "payouts.propose",
        "exchange.import",
        "equity.record",
        "people.read",
    },
    "incentive_approver": {"incentives.read", "incentives.approve", "payouts.approve"},
    "finance_officer": {"incentives.read", "payouts.pay", "exports.make"},
    "auditor": {"journal.read", "statistics.read", "bases.read"},
    "system_administrator": {"organisations.manage", "bases.read", "bases.manage", "operations.read", "editions.read"},
    "security_administrator": {"accounts.manage", "posts.manage", "keys_api.manage", "people.erase"},
    "audit_administrator": {"journal.read", "journal.export"},
}

REACHES: dict[str, Reach] = {
    HOLDER: Reach.PERSON,
    "ministry_reader": Reach.NATION,
    "provincial_reader": Reach.ORG,
    "auditor": Reach.NATION,
    "audit_administrator": Reach.NATION,
    "system_administrator": Reach.AUTHORITY,
    "security_administrator": Reach.AUTHORITY,
}

RESET_REASONS = {
    "device_lost": later("The device with the authenticator is lost or broken"),
    "password_forgotten": later("The password is forgotten"),
    "misuse_suspected": later("Somebody else may know the password or hold the device"),
}

API_SCOPES = {
    "verification.batch": later("Check certificates in bulk"),
    "credentials.read_granted": later("Read certificates of people who allowed it"),
    "people.read": later("Read people seen on a recorded ground"),
    "incentives.record": later("Record revenue events"),
    "statistics.read_own": later("Read own statistics"),
}

# Pairs of roles that one account may not hold at one organisation (ISO/IEC 17024 and two-person control as models).
SEPARATED: tuple[frozenset[str], ...] = (
    frozenset({"system_administrator", "security_administrator"}),
    frozenset({"system_administrator", "audit_administrator"}),
    frozenset({"security_administrator", "audit_administrator"}),
    frozenset({"incentive_officer", "incentive_approver"}),
    frozenset({"incentive_officer", "finance_officer"}),
    frozenset({"lecturer", "certification_decider"}),
    frozenset({"marker", "certification_decider"}),
    frozenset({"item_author", "item_reviewer"}),
    frozenset({"scheduler", "certification_decider"}),
)


def permissions_of(role: str) -> frozenset[str]:
    """What a role may do; an unknown role may do nothing."""
    if role not in PERMISSIONS:
        return frozenset()
    return frozenset(PERMISSIONS[role] | OWN)


def roles_for(rule: str) -> list[str]:
    """The titles (message ids) of the roles that a rule such as `courses.plan` or `a|b` lets in, for a sentence."""
    wanted = set(rule.split("|"))
    return [ROLE_TITLES[role] for role, permissions in PERMISSIONS.items() if wanted & permissions] or [later("nobody")]


def reach_of(role: str) -> Reach:
    """How far a role may see."""
    return REACHES.get(role, Reach.ORG)


def holds_on(starts_on: date, ends_on: date | None, day: date) -> bool:
    """Whether a post from-to is held on a day, both ends included."""
    return starts_on <= day and (ends_on is None or day <= ends_on)


def forbidden_together(roles: set[str]) -> frozenset[str] | None:
    """The first separated pair among the roles, or None."""
    return next((pair for pair in SEPARATED if pair <= roles), None)
