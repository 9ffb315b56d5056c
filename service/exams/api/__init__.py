"""The exams room for machines: sittings, exam sessions, marking, and appeals."""

from service.exams.api import appeals, exams

handlers = [*exams.handlers, *appeals.handlers]
