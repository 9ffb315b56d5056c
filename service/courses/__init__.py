"""Course sessions (班/期): planned, published, taught, closed."""
