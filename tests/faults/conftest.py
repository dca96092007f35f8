"""Fixtures of the fault tests."""

from tests.support.kafka import kafka_bootstrap

__all__ = ["kafka_bootstrap"]
