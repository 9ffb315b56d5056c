"""Refusals of signing in and of posts."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class SignInRefused(DomainError):
    """Name, password or code is wrong: which of them is never said."""

    status = 422
    slug = "sign-in-refused"
    message = later("Sign-in name, password or code is not right. Please check them and try again.")


class CodeRefused(DomainError):
    """The one-time code is wrong, used or too old."""

    status = 422
    slug = "code-refused"
    message = later("This code is not right or no longer valid. You can ask for a new one.")


class PhoneRefused(DomainError):
    """Not a mobile number that can receive a code."""

    status = 422
    slug = "phone-refused"
    message = later("Please enter a mobile number that can receive text messages.")


class PasswordTooWeak(DomainError):
    """Too short or among the most common."""

    status = 422
    slug = "password-too-weak"
    message = later("Please choose at least 12 characters that are not a common password.")


class LoginNameTaken(DomainError):
    """Another account has this sign-in name."""

    slug = "login-name-taken"
    message = later("This sign-in name is taken.")


class RolesSeparated(DomainError):
    """Two roles one person may not hold together."""

    slug = "roles-separated"
    message = later("One person may not hold these roles together: %(roles)s.")


class RoleUnknown(DomainError):
    """No such role."""

    status = 422
    slug = "role-unknown"
    message = later("There is no role “%(role)s”.")


class ScopeUnknown(DomainError):
    """No such API key scope."""

    status = 422
    slug = "scope-unknown"
    message = later("There is no scope “%(scope)s” for API keys.")


class PostOrganisationUnknown(DomainError):
    """No organisation of this credit code or exact name, or several of this name."""

    status = 422
    slug = "post-organisation-unknown"
    message = later(
        "“%(given)s” is not exactly one organisation. Please give its credit code or its exact Chinese name."
    )


class OwnAccount(DomainError):
    """An administrator acts on their own account."""

    slug = "own-account"
    message = later("Nobody changes their own account or posts. Another security administrator must do it.")


class PostDatesReversed(DomainError):
    """A post that ends before it starts."""

    status = 422
    slug = "post-dates-reversed"
    message = later("The post would end on %(ends)s, before it starts on %(starts)s.")


class KeyAlreadyExpired(DomainError):
    """A key's last day lies in the past."""

    status = 422
    slug = "key-already-expired"
    message = later("The key's last day must lie in the future.")


class NoPassword(DomainError):
    """Persons sign in by mobile number and code, and have no password to change."""

    slug = "no-password"
    message = later("You sign in by mobile number and code, so there is no password to change.")


class PasswordUnchanged(DomainError):
    """The new password is the old one."""

    status = 422
    slug = "password-unchanged"
    message = later("The new password is the present one. Please choose another.")


class ResetAsked(DomainError):
    """A reset of this account waits already."""

    slug = "reset-asked"
    message = later("New access for this account has been asked for already and waits for a second administrator.")


class ResetBySameAdministrator(DomainError):
    """One administrator asks, another decides."""

    slug = "reset-by-same-administrator"
    message = later("You asked for this yourself. Another security administrator must decide.")
