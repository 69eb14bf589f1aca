"""``python -m simgan`` is the command ``simgan``."""

from simgan.cli.main import main

if __name__ == "__main__":
    main()
