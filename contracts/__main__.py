"""``python -m contracts``."""

from duologue.contracts.cli import main

main()
