"""Serves the clinic: `python -m labs.clinic`."""

from labs.clinic.uses import LAB
from labs.lab import run

if __name__ == "__main__":
    run(LAB)
