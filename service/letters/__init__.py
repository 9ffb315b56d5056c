"""Messages out: short messages, mail, inbox."""
