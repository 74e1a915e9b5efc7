"""Bartizan: a guard in front of an HTTP API.

The public names load on first use, so that `bartizan version` stays as fast as bare Python.
"""

__version__ = "0.1.0"
