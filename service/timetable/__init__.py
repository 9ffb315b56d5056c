"""Rooms, people's time, occurrences: nothing is booked twice."""
