"""Applications, places and waiting lists of course sessions."""
