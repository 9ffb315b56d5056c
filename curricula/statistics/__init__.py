"""Statistics over answers already scored; figures for judging items, never for deciding on people."""
