"""Exam sessions, sittings, answers, marking, results and their release."""
