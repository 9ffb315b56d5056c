"""What happened to issuing lists and credentials."""

from uuid import UUID

from service.foundation.announcing import Event


class ListApproved(Event):
    """A decider approved an issuing list: its eligible entries are to be issued."""

    list_id: UUID


class CredentialIssued(Event):
    """A credential was issued; its paper is still to be made."""

    credential_id: UUID


class CredentialStateChanged(Event):
    """A credential was suspended, reinstated or revoked by two people."""

    credential_id: UUID


class CredentialReissued(Event):
    """A later version took the place of an earlier one under the same number."""

    credential_id: UUID
    earlier_id: UUID
    correction_id: UUID


class CorrectionSettled(Event):
    """A correction was carried out, refused, or overtaken by a revocation."""

    correction_id: UUID
