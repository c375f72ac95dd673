"""`python -m dskit`: the command line, where the script `dskit` is not on the path."""

from .cli import main

if __name__ == "__main__":
    main()
