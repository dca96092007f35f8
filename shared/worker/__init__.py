"""The background process of a service: its loops, run until told to stop."""

from shared.worker.worker import Loop, Worker

__all__ = ["Loop", "Worker"]
