"""One service for training, assessing, certifying and rewarding technology managers."""
