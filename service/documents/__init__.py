"""Every issued paper: frozen facts, file, digest, check code, state."""
