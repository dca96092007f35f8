import signal
import subprocess

import pytest

from deploy import kafka
from deploy.kafka import KafkaOnJava, KafkaUnavailable


def test_a_broker_ends_with_who_started_it() -> None:
    """However the starting process goes, its end of the pipe closes, and the broker ends."""
    broker = subprocess.Popen(
        ["/bin/sh", "-c", kafka._UNTIL_LEFT, "broker", "sleep", "60"],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    assert broker.stdin is not None
    assert broker.poll() is None
    broker.stdin.close()
    assert broker.wait(20) == -signal.SIGTERM


def test_without_java_or_maven_it_says_what_is_missing(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wants a broker learns what to install."""
    folder = tmp_path_factory.mktemp("kafka")
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(KafkaUnavailable, match="no Java"):
        KafkaOnJava(folder, cache=folder).start()
    monkeypatch.setattr(kafka, "_java", lambda: "java")
    with pytest.raises(KafkaUnavailable, match="no Maven to fetch Kafka 4"):
        KafkaOnJava(folder, cache=folder).start()
