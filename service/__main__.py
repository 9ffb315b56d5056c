"""`python -m service` is the `tmc` command."""

from service.cli.main import main

if __name__ == "__main__":
    main()
