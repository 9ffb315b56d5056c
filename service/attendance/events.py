"""What happened to hours."""

from uuid import UUID

from service.foundation.announcing import Event


class HoursPosted(Event):
    """Hours of an enrolment changed in the ledger: posted, or reversed and posted anew."""

    enrolment_id: UUID
