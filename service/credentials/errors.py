"""What the credentials room refuses."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class ListNotDraft(DomainError):
    """A list that was proposed or decided is not drawn up again."""

    slug = "issuing-list-not-draft"
    message = later("An issuing list of this kind is already waiting for a decision or for issue.")


class ListEmpty(DomainError):
    """Nobody on the list is eligible: there is nothing to propose."""

    slug = "issuing-list-empty"
    message = later("Nobody on this list is eligible yet, so there is nothing to propose.")


class ListChanged(DomainError):
    """Hours, results or identities changed since the list was drawn up."""

    slug = "issuing-list-changed"
    message = later("Hours, results or persons have changed since this list was drawn up. Please draw it up again.")


class DeciderTookPart(DomainError):
    """Who taught or marked these people does not decide on their certificates."""

    status = 403
    slug = "decider-took-part"
    message = later("You taught or marked people on this list (%(part)s). Another decider must decide.")


class NoNumberSlot(DomainError):
    """Only the slots 01 to 36 of the register have certificate numbers."""

    slug = "no-number-slot"
    message = later("The base %(code)s has no slot of its own for certificate numbers (01 to 36), so it cannot issue.")


class NumbersExhausted(DomainError):
    """The last serial of this base and year was given."""

    slug = "numbers-exhausted"
    message = later("The base has no certificate numbers left in %(year)s.")


class StateStep(DomainError):
    """Credentials go from valid to suspended and back, and to revoked for ever."""

    slug = "credential-state-step"
    message = later("A certificate cannot go from “%(from_state)s” to “%(to_state)s”.")


class ReasonUnknown(DomainError):
    """Each change of state has its own reason classes."""

    status = 422
    slug = "credential-reason-unknown"
    message = later("Please choose a reason that belongs to this change.")


class CredentialErased(DomainError):
    """The person's key was destroyed: the content cannot be read again."""

    status = 410
    slug = "credential-erased"
    message = later("The personal content of this certificate was erased. Number and state remain on record.")


class CredentialReplaced(DomainError):
    """Acts on a certificate go to the version that stands."""

    slug = "credential-replaced"
    message = later("This version was replaced by version %(version)s of the same number. Please work on that one.")


class NotCorrectable(DomainError):
    """Only a certificate that stands is corrected: a suspension is lifted first, a revocation is final."""

    slug = "credential-not-correctable"
    message = later("A certificate in the state “%(state)s” is not corrected.")


class ChangeWaits(DomainError):
    """A proposed suspension or revocation goes before a correction."""

    slug = "credential-change-waits"
    message = later(
        "A change of this certificate's state waits for a decision. It must be decided before a correction."
    )


class CorrectionOpen(DomainError):
    """One correction of a certificate at a time."""

    slug = "correction-open"
    message = later("A correction of this certificate is already on its way.")


class NothingToCorrect(DomainError):
    """What is on record is what the certificate says."""

    slug = "nothing-to-correct"
    message = later(
        "The certificate already says what is on record, so there is nothing to correct. Correct the record first."
    )


class EnglishNotConfirmed(DomainError):
    """A name changed: its English spelling is the holder's to confirm."""

    slug = "english-name-not-confirmed"
    message = later(
        "The holder has not confirmed the English spelling of the name yet. It is asked for under “My profile”."
    )


class IdentityNotSeen(DomainError):
    """A changed name needs its document seen."""

    slug = "identity-not-seen"
    message = later("The identity document on record has not been seen by the base yet. See it first, then propose.")


class NoLongerEligible(DomainError):
    """A certificate that the records no longer bear out is not corrected; whether it is revoked is another decision."""

    slug = "no-longer-eligible"
    message = later("With the records as they are now this certificate would not be issued: %(reasons)s")


class CertificateNotMade(DomainError):
    """The certificate could not be composed or set; nothing was changed."""

    slug = "certificate-not-made"
    message = later("The certificate cannot be made like this: %(sentence)s")


class OwnCertificate(DomainError):
    """Nobody examines or decides a correction of their own certificate."""

    status = 403
    slug = "own-certificate"
    message = later("This is your own certificate, or you asked for this yourself. Another person must do this.")


class EvidenceFileRefused(DomainError):
    """Evidence is a picture or a PDF of bounded size."""

    status = 422
    slug = "evidence-file-refused"
    message = later("Evidence is a PDF, JPEG or PNG file of at most %(megabytes)s MB.")
