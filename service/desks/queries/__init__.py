"""Selects of the desks: tasks of a home page, the journal, the held jobs."""
