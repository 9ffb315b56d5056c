"""What the editions room refuses."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class EditionHasFaults(DomainError):
    """The checker found errors; `findings` carries its report."""

    status = 422
    slug = "edition-has-faults"
    message = later("%(file)s has %(count)s faults and cannot become an edition. Nothing was frozen; see the list.")


class EditionNameTaken(DomainError):
    """Another edition bears this code and version."""

    slug = "edition-name-taken"
    message = later(
        "%(code)s, version %(version)s, is already frozen or belongs to another organisation. Give the new text a new version."
    )


class EditionNotDraft(DomainError):
    """Only a draft can be proposed, decided or given up."""

    slug = "edition-not-draft"
    message = later("%(code)s, version %(version)s, is no longer a draft; a frozen edition never changes.")


class EditionNotFrozen(DomainError):
    """Only a frozen edition can end or be used."""

    slug = "edition-not-frozen"
    message = later("%(code)s, version %(version)s, is not frozen yet.")


class EndTooEarly(DomainError):
    """An edition cannot end before it began or before today."""

    status = 422
    slug = "end-too-early"
    message = later("The last day cannot lie before %(earliest)s.")


class EditionOfAnotherKind(DomainError):
    """The edition is of another kind than the one asked for."""

    status = 422
    slug = "edition-of-another-kind"
    message = later("This edition is not of the kind that is needed here.")
