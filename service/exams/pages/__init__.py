"""Pages of exams: for candidates, for the base, for markers."""

from service.exams.pages.base import handlers as base
from service.exams.pages.candidate import handlers as candidate
from service.exams.pages.marking import handlers as marking

handlers = [*candidate, *base, *marking]
