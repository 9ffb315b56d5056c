"""Spreadsheets in and out: files read row by row with their faults named, templates and exports written."""
