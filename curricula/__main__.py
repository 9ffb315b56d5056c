"""`python -m curricula`."""

import sys

from curricula.cli import main

sys.exit(main(sys.argv[1:]))
