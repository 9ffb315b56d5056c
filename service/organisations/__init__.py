"""Legal entities by their unified social credit code."""
