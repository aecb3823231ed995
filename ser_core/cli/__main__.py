"""`python -m ser_core.cli`."""

from ser_core.cli import app

if __name__ == "__main__":
    app()
