"""``jalon``: run the parts, look after them, and see the figures."""

import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import typer
import uvicorn
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import make_url

from deploy import backup as backups
from deploy.backup import BackupRefused, Part
from deploy.databases import create_databases
from deploy.demo.checks import PortfolioRefused
from deploy.demo.command import portfolio as read_portfolio
from deploy.demo.command import print_refused, print_schema, run_demo
from deploy.demo.tables import print_bases
from deploy.host import Host
from deploy.kafka import KafkaUnavailable
from deploy.local import (
    SETTINGS_FILE,
    AlreadyRunning,
    DidNotStart,
    LocalStack,
    NeverStarted,
    empty_server,
    settings_of,
)
from deploy.republishing import RelayGoesOn
from deploy.republishing import republish as history_again
from deploy.services import PORTS
from deploy.topics import create_topics
from services.doctor_command import examine, print_findings
from services.finance.api.schemas import TablesOut
from services.finance.domain.tables import Basis
from services.finance.projections import ledger
from services.finance.projections.knowledge import Moment
from services.finance.projections.tables import tables_of
from services.programme_command import programme
from shared.checkup import SAID_OF_TABLES, Finding
from shared.kernel.periods import civil_date
from shared.kernel.refusals import Refusal
from shared.messaging import parking
from shared.messaging.reactions import Reactions
from shared.messaging.transports import transport_for
from shared.messaging.transports.base import TransportFailed
from shared.observability.health import Health
from shared.observability.logs import log_as_json
from shared.observability.metrics import REQUESTS, show_metrics
from shared.observability.tracing import stop_tracing, trace_to
from shared.postgres.migrate import TablesNewer, age_of
from shared.postgres.migrate import migrate as migrate_database
from shared.process import Parts, settle
from shared.projecting.reading import ReadModels
from shared.projecting.rebuild import rebuild as build_anew
from shared.projecting.rebuild import switch_back
from shared.settings import ServiceSettings
from shared.web.development import DevelopmentIssuer, NotInProduction

DATA = Path(".jalon")

log = logging.getLogger(__name__)

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Jalon carries a grant from application to outcome, and always knows what is promised,"
    " owed and paid.",
)
parked = typer.Typer(no_args_is_help=True, help="Messages that a service could not handle.")
app.add_typer(parked, name="parked")
app.add_typer(programme, name="programme")
console = Console()
errors = Console(stderr=True)

ServiceName = Literal["intake", "selection", "claims", "impact", "finance"]
TransportName = Annotated[
    Literal["postgres", "kafka"],
    typer.Option(help="What carries messages between services; kafka runs on this machine's Java."),
]
DataFolder = Annotated[
    Path | None,
    typer.Option("--data", help="Where the embedded mode keeps its data; what ran last, if any."),
]


@app.command()
def serve(service: ServiceName) -> None:
    """Run one service's HTTP process, set up by its environment."""
    run_http(service)


@app.command()
def work(service: ServiceName) -> None:
    """Run one service's worker: relay, consumer, projections and timers."""
    raise typer.Exit(run_worker(service))


@app.command(hidden=True)
def host(logs: Path) -> None:
    """Run every service's two processes as children of this one; part of `up` and `demo`."""
    log_as_json("host")
    targets: dict[str, Callable[[], int]] = {}
    for service in PORTS:
        import_module(f"services.{service}.main")
        import_module(f"services.{service}.worker")
        targets[f"serve-{service}"] = partial(run_http, service)
        targets[f"work-{service}"] = partial(run_worker, service)
    raise typer.Exit(Host(targets, logs).run())


def run_http(service: str) -> int:
    """Serve HTTP until told to stop; the exit status."""
    settings = ServiceSettings.from_env(service, os.environ)
    log_as_json(service)
    trace_to(settings.otlp_endpoint, service)
    application = import_module(f"services.{service}.main").build(settings)
    if settings.http_metrics_port is not None:
        show_metrics(REQUESTS, settings.metrics_host, settings.http_metrics_port)
    settle()
    uvicorn.run(
        application,
        host=settings.http_host,
        port=settings.http_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
    )
    return 0


def run_worker(service: str) -> int:
    """Work until told to stop or a loop fails; the exit status."""
    settings = ServiceSettings.from_env(service, os.environ)
    log_as_json(service)
    with parts_on(settings) as parts, parts.database.autocommit.connect() as connection:
        age = age_of(connection, service)
    if age != "newest":
        # It would fail somewhere, or write what newer code does not expect.
        log.error("worker does not start", extra={"why": SAID_OF_TABLES[age]})
        return 1
    trace_to(settings.otlp_endpoint, service)
    worker = import_module(f"services.{service}.worker").build(settings)
    settle()
    status: int
    try:
        if settings.worker_metrics_port is None:
            status = worker.run()
            return status
        with parts_on(settings) as parts:
            health = Health(service, lambda: examine(settings, parts))
            show_metrics(health.registry(), settings.metrics_host, settings.worker_metrics_port)
            status = worker.run()
        return status
    finally:
        stop_tracing()


@app.command()
def up(data: DataFolder = None, transport: TransportName = "postgres") -> None:
    """Run everything on this machine, and stay up until Ctrl-C."""
    stack = LocalStack(data or DATA / "up", transport=transport, announce=console.print)
    with reporting_failures(), stack:
        say_where(stack)
        stay_up(stack)


@app.command()
def databases() -> None:
    """
    Make the role and database of each service where they are missing.

    Connects as JALON_ADMIN_URL; takes each role's password from JALON_<SERVICE>_PASSWORD.
    """
    passwords = {each: required(ServiceSettings.variable("password", each)) for each in PORTS}
    create_databases(make_url(required("JALON_ADMIN_URL")), passwords)


@app.command()
def migrate(
    service: Annotated[ServiceName | None, typer.Argument(help="All when left out.")] = None,
) -> None:
    """Bring the durable tables to the newest revision, as JALON_<SERVICE>_OWNER_URL."""
    with reporting_failures():
        for name in [service] if service else PORTS:
            migrate_database(required(ServiceSettings.variable("owner_url", name)), service=name)


@app.command()
def topics() -> None:
    """Make the topics where they are missing, on JALON_KAFKA_BOOTSTRAP."""
    create_topics(required("JALON_KAFKA_BOOTSTRAP"))


@app.command()
def token(
    role: Annotated[list[str], typer.Option(help="A role; may be given several times.")],
    organisation: Annotated[UUID | None, typer.Option(help="The organisation's id.")] = None,
    subject: Annotated[str, typer.Option(help="The person's opaque id.")] = "developer",
    data: DataFolder = None,
) -> None:
    """Print a bearer token that the services of this machine's stack accept."""
    mode = os.environ.get(ServiceSettings.variable("mode"), "embedded")
    with reporting_failures():
        issuer = DevelopmentIssuer((data or ran_last()) / "keys", mode=mode)
    # Not by rich: it would break the line at the terminal's width.
    typer.echo(issuer.token(subject=subject, roles=role, organisation_id=organisation))


@app.command()
def demo(
    data: DataFolder = None,
    transport: TransportName = "postgres",
    *,
    once: Annotated[bool, typer.Option(help="End instead of staying up.")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the tables, all three bases, here.")
    ] = None,
    portfolio: Annotated[
        Path | None, typer.Option(help="Play this portfolio; --schema says what one is.")
    ] = None,
    schema: Annotated[bool, typer.Option(help="Print the JSON Schema of a portfolio.")] = False,
) -> None:
    """
    Play the 2023-2024 plan, or a portfolio of your own, on services started for it.

    Starts from nothing: what earlier runs left in the data folder is dropped.
    """
    if schema:
        print_schema()
        return
    try:
        played = read_portfolio(portfolio)
    except PortfolioRefused as refused:
        raise typer.Exit(print_refused(errors, refused)) from refused
    stack = LocalStack(
        data or DATA / "demo",
        transport=transport,
        simulated_clock=True,
        fresh=True,
        announce=console.print,
    )
    with reporting_failures(), stack:
        status = run_demo(
            stack.urls,
            stack.issuer,
            played,
            console=console,
            built_in=portfolio is None,
            json_file=json_file,
            resident_bytes=stack.resident_bytes,
        )
        if not once:
            say_where(stack)
            stay_up(stack)
    raise typer.Exit(status)


@app.command()
def tables(
    fiscal_year: Annotated[int, typer.Option(help="2024 is April 2023 to March 2024.")],
    basis: Annotated[Literal["plan", "forecast", "actual"], typer.Option()] = "forecast",
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"],
            help="What was known by the end of that day, or of that second.",
        ),
    ] = None,
    data: DataFolder = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, in cents.")] = False,
) -> None:
    """Print the five tables of a fiscal year, as of any day or instant."""
    with reporting_failures(), parts_of("finance", data) as parts:
        seen_on: Moment = civil_date(parts.clock.now())
        if as_of is not None:
            seen_on = as_of if as_of.tzinfo else as_of.date()
        with ReadModels(parts.database.engine).reading(ledger.PROJECTION) as connection:
            asked = tables_of(
                connection, fiscal_year=fiscal_year, basis=Basis(basis), as_of=seen_on
            )
    answer = TablesOut.of(asked, as_of=seen_on, until=None).model_dump(mode="json", by_alias=True)
    if as_json:
        typer.echo(json.dumps(answer, indent=2))
    else:
        print_bases(console, {basis: answer})


@app.command()
def rebuild(
    projection: Annotated[str, typer.Argument(help="service.projection, e.g. finance.ledger")],
    data: DataFolder = None,
    *,
    back: Annotated[bool, typer.Option(help="Go back to the generation before.")] = False,
) -> None:
    """Build a read model anew beside the one that serves, then let it serve."""
    service, _, name = projection.partition(".")
    if service not in PORTS:
        raise typer.BadParameter(f"not a service: {service}; one of {', '.join(PORTS)}")
    known = {each.name: each for each in import_module(f"services.{service}.worker").PROJECTIONS}
    if name not in known:
        raise typer.BadParameter(f"{service} has {', '.join(known)}")
    with reporting_failures(), parts_of(service, data) as parts:
        act = switch_back if back else build_anew
        generation = act(parts.database, parts.store, known[name])
        console.print(f"generation {generation} of {projection} serves")


@app.command()
def doctor(
    data: DataFolder = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """
    Say whether everything is well: migrations, lags, parked messages, timers, identities.

    Ends with 1 when something needs somebody.
    """
    found: dict[str, list[Finding]] = {}
    with reporting_failures():
        for service in PORTS:
            with service_settings(service, data) as settings, parts_on(settings) as parts:
                found[service] = examine(settings, parts)
    if as_json:
        told = {service: [asdict(each) for each in findings] for service, findings in found.items()}
        typer.echo(json.dumps(told, indent=2))
    else:
        print_findings(console, found)
    raise typer.Exit(not all(each.ok for findings in found.values() for each in findings))


@app.command()
def backup(folder: Annotated[Path, typer.Argument()], data: DataFolder = None) -> None:
    """
    Write all services, as of one moment, into a new folder; they go on working.

    Connects as JALON_<SERVICE>_OWNER_URL, or to this machine's own stack.
    """
    with reporting_failures(), environment(data) as env:
        show_parts(backups.backup(owners_in(env), folder, datetime.now(UTC)))


@app.command()
def restore(folder: Annotated[Path, typer.Argument()], data: DataFolder = None) -> None:
    """
    Fill empty databases from a backup, before anything is started on them.

    As JALON_<SERVICE>_OWNER_URL after `jalon databases`; or, with --data, into a new folder of this
    machine. The topics must be new: every service publishes its history again.
    """
    with reporting_failures():
        if data is None:
            urls = {each: required(ServiceSettings.variable("owner_url", each)) for each in PORTS}
            show_parts(backups.restore(urls, folder))
            return
        with empty_server(data) as urls:
            show_parts(backups.restore(urls, folder))


@app.command()
def republish(service: ServiceName, data: DataFolder = None) -> None:
    """
    Let a service publish its history again, and whoever listens read it from its beginning.

    For listeners that came later, or for whom the topic kept too little. Whoever received a
    message before knows it. Connects as JALON_<SERVICE>_OWNER_URL to all services.
    """
    with reporting_failures(), environment(data) as env:
        settings = ServiceSettings.from_env(service, env)
        with closing(transport_for(settings)) as transport:
            history_again(owners_in(env), service, transport)
    console.print(f"{service} publishes from its first event")


@parked.command("list")
def list_parked(service: ServiceName, data: DataFolder = None) -> None:
    """List the keys that are held back, with every message that waits."""
    table = Table("message", "topic", "key", "type", "since", "attempts", "problem")
    with (
        reporting_failures(),
        parts_of(service, data) as parts,
        parts.database.engine.connect() as connection,
    ):
        for held in parking.parked_keys(connection):
            for each in parking.parked_messages(connection, held.topic, held.key):
                table.add_row(
                    str(each.id),
                    each.topic,
                    each.key,
                    each.type or "unreadable",
                    f"{each.parked_at:%Y-%m-%d %H:%M}",
                    str(each.attempts),
                    each.problem or "waits behind another",
                )
    console.print(table if table.row_count else f"nothing is parked in {service}")


@parked.command("retry")
def retry_parked(
    service: ServiceName,
    topic: Annotated[str | None, typer.Argument()] = None,
    key: Annotated[str | None, typer.Argument(help="All keys when both are left out.")] = None,
    data: DataFolder = None,
    by: Annotated[str, typer.Option(help="Your opaque id.")] = "operator",
) -> None:
    """Handle the messages of parked keys again, each key in order, until one still fails."""
    if (topic is None) != (key is None):
        raise typer.BadParameter("a topic and a key, or neither")
    handlers = import_module(f"services.{service}.worker").HANDLERS
    failed = 0
    with reporting_failures(), parts_of(service, data) as parts:
        reactions = Reactions(service, parts.store, parts.clock, handlers)
        if topic is None or key is None:
            with parts.database.engine.connect() as connection:
                asked = [(each.topic, each.key) for each in parking.parked_keys(connection)]
        else:
            asked = [(topic, key)]
        for in_topic, of_key in asked:
            retried = parking.retry(parts.database, reactions, topic=in_topic, key=of_key, by=by)
            console.print(f"{retried.handled} handled of {in_topic} {of_key}")
            if retried.problem is not None:
                failed += 1
                errors.print(f"[red]the next still fails: {escape(retried.problem)}[/red]")
    raise typer.Exit(failed > 0)


@parked.command("discard")
def discard_parked(
    service: ServiceName,
    message: Annotated[int, typer.Argument(help="The number that `parked list` shows.")],
    reason: Annotated[str, typer.Option(help="Why nobody will act on it; kept on record.")],
    data: DataFolder = None,
    by: Annotated[str, typer.Option(help="Your opaque id.")] = "operator",
) -> None:
    """Give a parked message up, for a reason that stays on record."""
    with reporting_failures(), parts_of(service, data) as parts:
        parking.discard(parts.database, message, reason=reason, by=by)
        console.print(f"message {message} is discarded; retry its key to go on with the next")


def ran_last() -> Path:
    """The data folder of the stack that was started last on this machine."""
    started = sorted(DATA.glob(f"*/{SETTINGS_FILE}"), key=lambda file: file.stat().st_mtime)
    return started[-1].parent if started else DATA / "demo"


@contextmanager
def environment(data: Path | None) -> Iterator[Mapping[str, str]]:
    """What processes are set up by; where ours says nothing, that of this machine's own stack."""
    if ServiceSettings.variable("mode") in os.environ:
        yield os.environ
        return
    with settings_of(data or ran_last()) as env:
        yield env


@contextmanager
def service_settings(service: str, data: Path | None) -> Iterator[ServiceSettings]:
    """Settings of one service."""
    with environment(data) as env:
        yield ServiceSettings.from_env(service, env)


def owners_in(env: Mapping[str, str]) -> dict[str, str]:
    """How to connect as the owner of each service's tables."""
    if env is os.environ:
        return {each: required(ServiceSettings.variable("owner_url", each)) for each in PORTS}
    return {
        service: make_url(env[ServiceSettings.variable("database_url", service)])
        .set(username="postgres")
        .render_as_string(hide_password=False)
        for service in PORTS
    }


def show_parts(parts: Mapping[str, Part]) -> None:
    """Print what a backup holds."""
    table = Table("service", "events", "relayed", "file")
    for service, part in parts.items():
        table.add_row(service, f"{part.head:,}", f"{part.relayed:,}", part.file)
    console.print(table)


@contextmanager
def parts_of(service: str, data: Path | None) -> Iterator[Parts]:
    """What a service's processes stand on, for a command that does their work."""
    with service_settings(service, data) as settings, parts_on(settings) as parts:
        yield parts


@contextmanager
def parts_on(settings: ServiceSettings) -> Iterator[Parts]:
    """What the processes of the service that these settings are of stand on."""
    event_types = import_module(f"services.{settings.service}.use_cases.event_types").EVENT_TYPES
    parts = Parts.of(settings, event_types)
    try:
        yield parts
    finally:
        parts.database.close()


@contextmanager
def reporting_failures() -> Iterator[None]:
    """Turn what a user can mend into one line and status 1."""
    try:
        yield
    except (
        AlreadyRunning,
        BackupRefused,
        DidNotStart,
        KafkaUnavailable,
        NeverStarted,
        NotInProduction,
        Refusal,
        RelayGoesOn,
        TablesNewer,
        TransportFailed,
    ) as failure:
        errors.print(f"[red]{escape(str(failure))}[/red]")
        raise typer.Exit(1) from failure


def say_where(stack: LocalStack) -> None:
    """Print where each API and its documentation are."""
    table = Table("service", "API", "documentation", title="Jalon is up; Ctrl-C stops it")
    for service, url in stack.urls.items():
        table.add_row(service, url, f"{url}/docs")
    console.print(table)


def stay_up(stack: LocalStack) -> None:
    """Wait for Ctrl-C, a termination signal, or a process that cannot be kept running."""
    try:
        while not stack.failed:
            time.sleep(0.5)
    except KeyboardInterrupt:
        console.print("stopping")
    else:
        raise DidNotStart("a process could not be kept running; see the logs")


def required(variable: str) -> str:
    """The value of an environment variable that the command cannot do without."""
    value = os.environ.get(variable)
    if not value:
        errors.print(f"[red]{variable} is not set[/red]")
        raise typer.Exit(2)
    return value
