"""Verbs of the exams room, by noun: planning, sitting, saving, marking, scoring, releasing."""
