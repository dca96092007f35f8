"""The command line: the only place that knows every service."""

from services.command_line import app


def main() -> None:
    """Run ``jalon``."""
    app()


if __name__ == "__main__":
    main()
