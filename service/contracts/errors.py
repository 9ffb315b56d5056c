"""Refusals of technology contracts."""

from service.foundation.errors import DomainError
from service.foundation.language import later


class ContractNumberTaken(DomainError):
    """The organisation has another contract of this number."""

    slug = "contract-number-taken"
    message = later("There is already a contract with number %(contract_no)s.")


class TransactionAboveContract(DomainError):
    """The technology transaction amount is a part of the contract amount and cannot exceed it."""

    status = 422
    slug = "transaction-above-contract"
    message = later("The technology transaction amount cannot be more than the contract amount.")


class RegisteredBeforeSigned(DomainError):
    """A registration cannot be older than the contract."""

    status = 422
    slug = "registered-before-signed"
    message = later("The contract was signed on %(signed_on)s and cannot have been registered before that day.")


class DateAhead(DomainError):
    """A fact cannot lie in the future."""

    status = 422
    slug = "date-ahead"
    message = later("The date %(day)s has not come yet.")


class ManagerNamedTwice(DomainError):
    """The person has a part in this contract already."""

    slug = "manager-named-twice"
    message = later("This person already has a part in this contract.")


class ContractNotLive(DomainError):
    """The contract is void or ended and takes no more of this."""

    slug = "contract-not-live"
    message = later("Contract %(contract_no)s is %(state)s; this is no longer possible.")
