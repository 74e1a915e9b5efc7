"""Sources: API descriptions of every version, lowered to one form."""

from bartizan.policy.sources.description import Description, Operation
from bartizan.policy.sources.reader import fetch_file, read

__all__ = ["Description", "Operation", "fetch_file", "read"]
