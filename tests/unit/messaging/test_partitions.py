import pytest

from shared.messaging.transports.kafka import partition_of


@pytest.mark.parametrize(
    ("key", "hashed"),
    [
        # From the tests of Apache Kafka's own murmur2.
        ("21", -973932308),
        ("foobar", -790332482),
        ("a-little-bit-long-string", -985981536),
        ("a-little-bit-longer-string", -1486304829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
    ],
)
def test_a_key_is_hashed_as_java_does(key: str, hashed: int) -> None:
    """Every Kafka client would put a key into the same partition."""
    assert partition_of(key, 12) == (hashed & 0x7FFFFFFF) % 12
