"""Serves the locker: `python -m labs.locker`."""

from labs.lab import run
from labs.locker.uses import LAB

if __name__ == "__main__":
    run(LAB)
