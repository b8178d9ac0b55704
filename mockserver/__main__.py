"""``python -m mockserver`` is the command ``mockserver``."""

from duologue.mockserver.cli import main

main()
