"""What each kind of letter says and where it leads, in sentences whose facts are ids, codes, dates and numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.foundation.language import later

INBOX = "inbox"
SMS = "sms"
CHANNELS = (INBOX, SMS)


@dataclass(frozen=True)
class LetterKind:
    """One kind of letter: title and text as message ids; `href` may hold %(fact)s places."""

    title: str
    text: str
    href: str = ""
    link: str = later("Open")


KINDS: dict[str, LetterKind] = {
    "enrolment.enrolled": LetterKind(
        later("You have a place"),
        later("You are enrolled in course session %(code)s. Dates, places and your hours are on its page."),
        "/my/enrolments",
        later("My courses"),
    ),
    "enrolment.employer_sees": LetterKind(
        later("The unit that sent you may see this enrolment"),
        later(
            "The unit that sent you to course session %(code)s may see your enrolment, its result and certificate."
            " Under your own data you see each look, and you may say whether you work there."
        ),
        "/my/profile",
        later("My data"),
    ),
    "enrolment.refused": LetterKind(
        later("An application was not accepted"),
        later("Your application for a course session was not accepted. The reason stands at the enrolment."),
        "/my/enrolments",
        later("My courses"),
    ),
    "people.employer_asks": LetterKind(
        later("A unit says that you work there"),
        later("A unit has named you as its employee and waits for your word. It sees nothing of you until you agree."),
        "/my/profile",
        later("Answer"),
    ),
    "exam.result_released": LetterKind(
        later("A result has been released"),
        later(
            "The result of your exam stands. You can read it with its parts, and appeal within the time given there."
        ),
        "/my/sittings",
        later("My exams"),
    ),
    "appeal.lodged": LetterKind(
        later("Your appeal has been lodged"),
        later("Your appeal against an exam result is lodged. The page of the result shows each step with its date."),
        "/my/sittings/%(sitting_id)s/result",
        later("To the result"),
    ),
    "appeal.panel": LetterKind(
        later("A panel hears your appeal"),
        later(
            "%(count)s people who had no part in the exam or its result hear your appeal. You will be told their decision."
        ),
        "/my/sittings/%(sitting_id)s/result",
        later("To the result"),
    ),
    "appeal.closed": LetterKind(
        later("Your appeal has been decided"),
        later("The panel's decision and its reasons stand on the page of the result."),
        "/my/sittings/%(sitting_id)s/result",
        later("To the result"),
    ),
    "appeal.named": LetterKind(
        later("You are asked to hear an appeal"),
        later("You have been named to the panel of an appeal. Please read the paper and give your opinion."),
        "/appeals/%(appeal_id)s",
        later("To the appeal"),
    ),
    "credential.result_changed": LetterKind(
        later("A certificate rests on a result that has changed"),
        later(
            "The result behind certificate %(number)s was replaced and no longer passes. Nothing has been revoked:"
            " please look at it and decide."
        ),
        "/issuing/credentials/%(credential_id)s",
        later("To the certificate"),
    ),
    "credential.issued": LetterKind(
        later("Your certificate has been issued"),
        later("Certificate %(number)s has been issued to you. You can download it and share it for a time you choose."),
        "/my/credentials",
        later("My certificates"),
    ),
    "credential.changed": LetterKind(
        later("The state of your certificate has changed"),
        later("Certificate %(number)s has a new state. Its page says what it means and how to object."),
        "/my/credentials",
        later("My certificates"),
    ),
    "credential.reissued": LetterKind(
        later("Your certificate has been issued anew"),
        later(
            "Certificate %(number)s has been corrected and issued anew under the same number. Please use the new file"
            " and paper; whoever checks the earlier ones is led to the new certificate."
        ),
        "/my/credentials/%(credential_id)s",
        later("My certificates"),
    ),
    "credential.printed_anew": LetterKind(
        later("A new paper of your certificate has been made"),
        later(
            "Certificate %(number)s has a new paper with its own check code. Whoever checks the earlier paper is told so."
        ),
        "/my/credentials/%(credential_id)s",
        later("My certificates"),
    ),
    "credential.correction_refused": LetterKind(
        later("A correction of your certificate was refused"),
        later("The correction of certificate %(number)s was refused. The reason stands with your request."),
        "/my/credentials/%(credential_id)s/corrections",
        later("To the request"),
    ),
    "payout.noticed": LetterKind(
        later("A payout that concerns you is open to objection"),
        later(
            "Your share of a payout is noticed. You can check how it came about and object until the day given there."
        ),
        "/my/statements",
        later("My statements"),
    ),
    "account.password_changed": LetterKind(
        later("Your password has been changed"),
        later(
            "Your password was changed and every other device signed out. If that was not you, tell a security"
            " administrator at once."
        ),
        "/my/password",
        later("My password"),
    ),
    "account.reset_asked": LetterKind(
        later("New access to your account has been asked for"),
        later(
            "A security administrator asked for a new password and authenticator for your account; another one decides."
            " If you did not ask for it, tell them."
        ),
    ),
    "account.access_reset": LetterKind(
        later("You have a new password and authenticator"),
        later(
            "Two security administrators gave your account a new password and authenticator. Please change the password"
            " now, so that nobody else knows it."
        ),
        "/my/password",
        later("Change my password"),
    ),
    "export.ready": LetterKind(
        later("Your export is ready"),
        later("The file you asked for can be downloaded for seven days."),
        "/exports/%(export_id)s",
        later("To the file"),
    ),
}

UNKNOWN = LetterKind(
    later("A message for you"), later("Something on your account has changed. Your home page shows what is open.")
)


def kind_of(kind: str) -> LetterKind:
    """The kind's sentences; a kind nobody wrote sentences for still says where to look."""
    return KINDS.get(kind, UNKNOWN)


def link_of(kind: LetterKind, facts: Mapping[str, Any]) -> str:
    """Where a letter leads, or the inbox when a fact of its address is missing."""
    try:
        return kind.href % facts
    except (KeyError, TypeError, ValueError):
        return "/inbox"
