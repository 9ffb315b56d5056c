"""Pages of exams: for candidates, for the base, for markers, and of appeals."""

from service.exams.pages.appeals import handlers as appeals
from service.exams.pages.base import handlers as base
from service.exams.pages.candidate import handlers as candidate
from service.exams.pages.marking import handlers as marking

handlers = [*candidate, *base, *marking, *appeals]
