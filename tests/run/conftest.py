"""The cases' study, for tests of how it is built."""

from cases.conftest import case

__all__ = ["case"]
