"""`python -m exchange.cli`: the same as the console script `exchange`."""

from exchange.cli import main

if __name__ == "__main__":
    main()
