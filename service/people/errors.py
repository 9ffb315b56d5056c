"""What the room of people refuses."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class IdentityNumberMissing(DomainError):
    """No document number was given."""

    status = 422
    slug = "identity-number-missing"
    message = later("Please give the number of the document.")


class WrongIdentityForm(DomainError):
    """A document number does not have the form of its kind of document."""

    status = 422
    slug = "wrong-identity-form"
    message = later("This is not the number of a document of the kind “%(kind)s”: %(reason)s")


class WrongIdentityRegion(DomainError):
    """The first six digits of a number are no region that issues this kind of document."""

    status = 422
    slug = "wrong-identity-region"
    message = later("The first six digits, %(region)s, are no region that issues a document of the kind “%(kind)s”.")


class WrongIdentityDate(DomainError):
    """The date of birth inside a document number is no day of the calendar, or lies out of reach."""

    status = 422
    slug = "wrong-identity-date"
    message = later("The date of birth in the number, %(date)s, is not possible.")


class WrongCheckCharacter(DomainError):
    """The check character of a number does not agree with the places before it."""

    status = 422
    slug = "wrong-check-character"
    message = later(
        "The last place of the number does not agree with the places before it: at least one place is mistyped."
    )


class WrongMobileNumber(DomainError):
    """A text is not a mobile number that can receive a message."""

    status = 422
    slug = "wrong-mobile-number"
    message = later(
        "This is not a mobile number. Mainland numbers have 11 digits; others begin with + and the country's code."
    )


class WrongEnglishName(DomainError):
    """A spelling in English holds something other than letters, blanks, hyphens and apostrophes."""

    status = 422
    slug = "wrong-english-name"
    message = later(
        "An English name holds 1 to 100 letters A to Z, blanks, hyphens and apostrophes, and begins with a letter."
    )


class NameDiffers(DomainError):
    """A document is on record under another name; the name on record is not told."""

    slug = "name-differs"
    message = later(
        "The document %(masked)s is on record under another name. Please check name and number; if the name has changed,"
        " the person changes it first under “My profile”."
    )


class IdentityTaken(DomainError):
    """A person declares a document that cannot become theirs; whose it is, or under which name, is not told."""

    slug = "identity-taken"
    message = later(
        "This document cannot be linked with your account. Please check kind, number and name. If they are right, ask"
        " your training base to help: it will look at the original document."
    )


class PersonErased(DomainError):
    """The person's key was destroyed at their request; what it sealed cannot be read again."""

    status = 410
    slug = "person-erased"
    message = later("This person's data was erased at their request; only number, state and dates remain.")


class PeopleDataUnreadable(DomainError):
    """A file of purposes or of personal fields does not say what it should; `place` is where."""

    status = 422
    slug = "people-data-unreadable"
    message = later("The file cannot be read at %(place)s: %(reason)s")


class IdentityConsentNeeded(DomainError):
    """Something needs the person's consent first."""

    status = 422
    slug = "identity-consent-needed"
    message = later("This needs your consent to “%(purpose)s” first.")


class PurposeUnknown(DomainError):
    """No purpose of this name is asked for."""

    status = 422
    slug = "purpose-unknown"
    message = later("There is no purpose “%(purpose)s” to consent to.")


class ConsentNeedsOrganisation(DomainError):
    """A consent that names an organisation was given without one, or one that names none was given with one."""

    status = 422
    slug = "consent-needs-organisation"
    message = later("Please say which organisation this consent is for; some purposes need one, others take none.")


class NameIsCertified(DomainError):
    """A person who holds certificates changes the name through a base that has seen the new document."""

    slug = "name-is-certified"
    message = later(
        "Certificates bear this name, so it is changed by a training base that has seen the new document. Nothing was"
        " changed."
    )


class AlreadyAsked(DomainError):
    """The employer has asked this person before and the request or the employment stands."""

    slug = "already-asked"
    message = later("This person is recorded with your organisation already, or has not answered yet.")


class EmploymentRefused(DomainError):
    """The person has said no; the employer may ask again after a while."""

    slug = "employment-refused"
    message = later("This person has declined. You may ask again from %(from_day)s.")


class HoldsAPost(DomainError):
    """A person is not erased while their account holds posts."""

    slug = "holds-a-post"
    message = later("This person's account still holds %(count)s posts. End them first; then erasure is possible.")


class ErasureAsked(DomainError):
    """The person has asked already."""

    slug = "erasure-asked"
    message = later("Your request of %(day)s is being dealt with.")


class PersonNeeded(DomainError):
    """The account has not said whose it is."""

    slug = "person-needed"
    message = later("Please give your name and identity document under “My profile” first.")


class DocumentKnown(DomainError):
    """The person has declared this document before."""

    slug = "document-known"
    message = later("You have declared this document already.")


class LifelongNumber(DomainError):
    """A resident number stays for life; a second one is not declared but corrected by a base."""

    slug = "lifelong-number"
    message = later(
        "The number of a “%(kind)s” stays for life, and you have declared one. If it is wrong, a training base corrects it"
        " after seeing the document."
    )


class OrganisationUnknown(DomainError):
    """What was typed names no organisation, or more than one."""

    status = 422
    slug = "employer-unknown"
    message = later("No single organisation has this name. Its unified social credit code is sure to find it.")
