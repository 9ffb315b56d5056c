"""One double-entry mechanism with three books: money, hours and shares."""
