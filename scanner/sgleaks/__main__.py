"""The program: ``sgleaks``, or ``python -m sgleaks``."""

import signal

# What is imported takes a moment, in which an interrupt should end the program and not print a traceback.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from sgleaks.cli import main

if __name__ == "__main__":
    main()
