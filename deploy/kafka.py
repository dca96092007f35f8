"""
Apache Kafka on this machine's Java, for where no Docker engine runs.

Its jars come from Maven into a cache, once; a broker is one process in KRaft mode that listens on
the loopback interface only.
"""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Final

from deploy.ports import free_port

KAFKA_VERSION: Final = "4.4.0"
"""Kafka 4 needs Java 17 or later."""
LOG4J_VERSION: Final = "2.25.5"
JAVA_FEATURE: Final = 17
HEAP_MIB: Final = 512
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 20.0

_CLUSTER: Final = "Sm93YWxvbkphbG9uSmFsbw"
_POM: Final = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>jalon</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>{KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-slf4j-impl</artifactId>
      <version>{LOG4J_VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""
_LOG4J: Final = """\
status = warn
appender.out.type = Console
appender.out.name = OUT
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %p %c{1}: %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = OUT
"""
_SERVER: Final = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
"""


_UNTIL_LEFT: Final = 'exec 3<&0; (read -r _; kill "$$") <&3 & exec "$@" 3<&- </dev/null'
"""Runs a command until standard input closes: so it ends with who started it, however that ends."""


class KafkaUnavailable(Exception):
    """Kafka cannot be run here; the sentence says what is missing."""


def default_cache() -> Path:
    """Where jars are kept between runs: a cache of this user, shared by all checkouts."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "jalon"


class KafkaOnJava:
    """One broker whose data is in ``folder``; it is kept between runs unless the folder is not."""

    def __init__(self, folder: Path, *, port: int | None = None, cache: Path | None = None) -> None:
        self._folder = folder
        self._cache = cache or default_cache()
        self._port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """Where clients connect."""
        return f"127.0.0.1:{self._port}"

    @property
    def log(self) -> Path:
        """What the broker says."""
        return self._folder / "kafka.log"

    def start(self) -> None:
        """Fetch the jars if need be, and start. Raises ``KafkaUnavailable``."""
        java = _java()
        classpath = f"{_jars(self._cache)}{os.sep}*"
        data = self._folder / "data"
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "log4j2.properties").write_text(_LOG4J, "utf-8")
        properties = self._folder / "server.properties"
        properties.write_text(
            _SERVER.format(port=self._port, controller_port=free_port(), data=data), "utf-8"
        )
        command = [
            java,
            f"-Xmx{HEAP_MIB}m",
            "-XX:+UseSerialGC",
            # The quick compiler only: starts sooner and leaves the processors to the services.
            "-XX:TieredStopAtLevel=1",
            f"-Dlog4j2.configurationFile={self._folder / 'log4j2.properties'}",
            "-cp",
            classpath,
        ]
        if not (data / "meta.properties").exists():
            self._format(command, properties)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  # a command made here
                ["/bin/sh", "-c", _UNTIL_LEFT, "kafka", *command, "kafka.Kafka", str(properties)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A signal meant for who started it (Ctrl-C) does not reach it: it is stopped last.
                start_new_session=True,
            )
        self._wait_until_it_listens()

    def stop(self) -> None:
        """End the broker; its data stays."""
        if self._process is None:
            return
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _format(self, command: list[str], properties: Path) -> None:
        done = subprocess.run(  # noqa: S603  # a command made here
            [*command, "kafka.tools.StorageTool", "format", "--standalone",
             "--cluster-id", _CLUSTER, "--config", str(properties)],
            capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise KafkaUnavailable(f"storage could not be formatted: {_last_line(done.stderr)}")

    def _wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise KafkaUnavailable(f"the broker ended: {_last_line(self.log.read_bytes())}")
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        self.stop()
        raise KafkaUnavailable(f"the broker did not listen within {START_SECONDS:.0f} s")


def _java() -> str:
    java = shutil.which("java")
    if java is None:
        raise KafkaUnavailable("there is no Java on this machine")
    shown = subprocess.run(  # noqa: S603  # a path found here
        [java, "-XshowSettings:properties", "-version"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    for line in shown.stderr.splitlines():
        name, _, value = line.strip().partition(" = ")
        if name == "java.specification.version":
            if int(value.partition(".")[0]) < JAVA_FEATURE:
                raise KafkaUnavailable(f"Java {value} is too old, {JAVA_FEATURE} is needed")
            return java
    raise KafkaUnavailable("the version of Java could not be read")


def _jars(cache: Path) -> Path:
    """The folder of Kafka's jars, fetched by Maven when it is not there."""
    jars = cache / f"kafka-{KAFKA_VERSION}"
    if jars.is_dir():
        return jars
    maven = shutil.which("mvn")
    if maven is None:
        raise KafkaUnavailable(f"there is no Maven to fetch Kafka {KAFKA_VERSION} with")
    # Fetched aside and renamed, so that an interrupted download is never taken for the whole.
    work = cache / f"kafka-{KAFKA_VERSION}.{os.getpid()}"
    work.mkdir(parents=True)
    try:
        (work / "pom.xml").write_text(_POM, "utf-8")
        done = subprocess.run(  # noqa: S603  # a path found here
            [maven, "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=jars"],
            cwd=work, capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise KafkaUnavailable(f"Maven could not fetch Kafka: {_last_line(done.stdout)}")
        if not jars.is_dir():
            (work / "jars").rename(jars)
    finally:
        shutil.rmtree(work)
    return jars


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
