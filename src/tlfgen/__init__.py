"""From the raw records of a clinical trial to a clinical study report that anyone can audit."""

__version__ = "0.1.0"
