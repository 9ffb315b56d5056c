"""`python -m service` is the `tmc` command."""

from service.cli import main

if __name__ == "__main__":
    main()
