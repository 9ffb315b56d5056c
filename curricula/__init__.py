"""Competence standards, syllabi, items, papers and scores as plain values: no database, no web, no network."""
