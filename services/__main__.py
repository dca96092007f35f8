"""The command line: the only place that knows every service."""

import signal
import sys

from services.command_line import app


def main() -> None:
    """Run ``jalon``."""
    # What is running is stopped in order, as by Ctrl-C; processes with better manners override it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    app()


if __name__ == "__main__":
    main()
