"""The typed face of the compiled core; the only module that imports `native`."""

from bartizan._core.native import version

__all__ = ["version"]
