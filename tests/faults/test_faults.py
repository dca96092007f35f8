"""Real processes on PostgreSQL and Apache Kafka: nothing is lost, doubled or overtaken."""

import os
import sys

import pytest

from deploy.kafka import KafkaUnavailable
from tests.faults.storm import SHORT, storm

SEED = int(os.environ.get("JALON_FAULT_SEED", "20240401"))


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.postgres
def test_a_short_storm(capsys: pytest.CaptureFixture[str]) -> None:
    """Kills, failpoints, a zombie, broker and server gone: each event has one effect, in order."""
    try:
        outcome = storm(SHORT, SEED, lambda _: None)
    except KafkaUnavailable as unavailable:
        if os.environ.get("JALON_REQUIRE_KAFKA") == "1":
            raise
        pytest.skip(f"no Kafka: {unavailable}")
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(outcome.lines()) + f" · seed {SEED}\n")
    assert outcome.committed > 100
    assert outcome.kills.total() >= SHORT.kills
    assert outcome.well
