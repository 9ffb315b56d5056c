"""What goes out of the letters room."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel


class LetterRead(BaseModel):
    """A letter as its reader sees it, in the reader's language."""

    id: UUID
    kind: str
    title: str
    text: str
    href: str
    link: str
    created_at: datetime
    read_at: datetime | None
