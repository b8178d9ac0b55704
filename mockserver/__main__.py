"""``python -m duologue.mockserver`` is the command ``mockserver``."""

from duologue.mockserver.cli import main

main()
