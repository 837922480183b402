"""`python -m tlfgen`."""

from tlfgen.cli import main

main()
