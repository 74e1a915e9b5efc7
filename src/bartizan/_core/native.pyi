"""The compiled binding (crates/py): conversion only, no logic."""

__all__ = ["version"]

def version() -> str:
    """The version of the compiled core, equal to the version of the package."""
