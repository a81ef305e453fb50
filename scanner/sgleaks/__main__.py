"""``python -m sgleaks`` is ``sgleaks``."""

from sgleaks.cli import main

main()
