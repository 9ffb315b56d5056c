"""Refusals of the item bank."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class ItemUnfit(DomainError):
    """The checker found faults; `faults` lists line, field and sentence of each in both languages."""

    status = 422
    slug = "item-unfit"
    message = later("The item has %(count)s faults; the first: %(first)s")


class ItemUnreadable(DomainError):
    """What was pasted is neither YAML nor JSON."""

    status = 422
    slug = "item-unreadable"
    message = later("The text cannot be read as an item: %(reason)s")


class ItemTaken(DomainError):
    """The code and version are in the bank already."""

    slug = "item-taken"
    message = later("Item %(code)s, version %(version)s, is in this bank already.")


class ItemFrozen(DomainError):
    """An approved version never changes; a new version follows it."""

    slug = "item-frozen"
    message = later("Version %(version)s of %(code)s is frozen. Please write a new version.")


class OwnItem(DomainError):
    """The author does not review."""

    status = 403
    slug = "own-item"
    message = later("You wrote this item. Another person must review it.")


class ItemChanged(DomainError):
    """The reviewer saw other content."""

    slug = "item-changed"
    message = later("The item has changed since you opened it. Please read it again.")


class NotInReview(DomainError):
    """Only what was handed in is reviewed."""

    slug = "item-not-in-review"
    message = later("This version is not waiting for a review.")


class BankCodeTaken(DomainError):
    """Another bank of the organisation bears the code."""

    slug = "bank-code-taken"
    message = later("There is a bank with the code %(code)s already.")


class BankReadOnly(DomainError):
    """The public sample bank ships with the service; nobody writes into it here."""

    slug = "bank-read-only"
    message = later("Items of the public sample bank come with the service and are not written here.")
