"""Serves the bank: `python -m labs.bank`."""

from labs.bank.uses import LAB
from labs.lab import run

if __name__ == "__main__":
    run(LAB)
