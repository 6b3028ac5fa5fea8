"""One more feed of a partner: its line in feeds.csv, and its folder in the inbox."""

from __future__ import annotations

from dataclasses import dataclass, replace

from exchange.errors import ExchangeError, Place
from exchange.intake.formats import FileFormat, load_formats
from exchange.registry import Feed, Registry, load_registry
from exchange.scaffold.files import Made
from exchange.scaffold.registry_lines import add_line
from exchange.settings import Settings


@dataclass(frozen=True)
class NewFeed:
    """The cells of one line; empty ones are filled in from the partner, its other feeds and the format."""

    feed_id: str
    partner_id: str
    file_format: str
    location: str = ""
    file_pattern: str = ""
    coverage: str = "delta"
    timezone: str = ""
    id_namespace: str = ""
    id_scope: str = ""
    state: str = ""
    expected_every_hours: str = "24"
    min_rows: str = "1"
    max_reject_share: str = "0.05"


def new_feed(settings: Settings, wanted: NewFeed) -> Made:
    """Add the feed. Raises ExchangeError, and writes nothing, if the id is taken or a cell cannot be."""
    registry = load_registry(settings.registry)
    path = settings.registry / "feeds.csv"
    if wanted.feed_id in {feed.feed_id for feed in registry.feeds}:
        raise ExchangeError(
            "There is such a feed already; nothing was written.",
            place=Place(file=str(path), column="feed_id"),
            got=wanted.feed_id,
            remedy="Choose another id, or change its line by hand.",
        )
    completed = complete(registry, wanted)
    add_line(settings.registry, path.name, vars(completed))
    created = []
    if "://" not in completed.location:
        folder = settings.inbox / completed.location
        created = [] if folder.is_dir() else [folder]
        folder.mkdir(parents=True, exist_ok=True)
    return Made(
        tuple(created),
        (path,),
        (
            f"put files named {completed.file_pattern} into {settings.inbox / completed.location}"
            if "://" not in completed.location
            else f"deliver files named {completed.file_pattern} to {completed.location}",
            f"exchange refresh --feed {completed.feed_id}",
            "exchange map suggest: the lines of answer_map.csv that its answers need (docs/answer-map.md)",
        ),
    )


def complete(registry: Registry, wanted: NewFeed) -> NewFeed:
    """The feed with its defaults. Raises ExchangeError for an unknown partner or format, or if no zone can be told."""
    partner = registry.partner(wanted.partner_id)
    file_format = _known_format(registry, wanted)
    namespace = wanted.id_namespace or partner.id_namespace or ""
    states = (partner.states or "*").split(" ")
    only_state = states[0] if len(states) == 1 and states[0] != "*" else ""
    return replace(
        wanted,
        location=wanted.location or f"{wanted.partner_id}/{wanted.feed_id}",
        file_pattern=wanted.file_pattern or _usual_pattern(registry, file_format),
        timezone=wanted.timezone or _usual_zone(registry, wanted),
        id_namespace=namespace,
        # another namespace has another scope
        id_scope=wanted.id_scope or (partner.id_scope or "" if namespace == (partner.id_namespace or "") else ""),
        state=wanted.state or only_state,
    )


def described_formats() -> list[tuple[str, str, str]]:
    """(name, system, required headers) of every known format."""
    return [
        (known.name, known.system, ", ".join(column.headers[0] for column in known.columns if column.required))
        for known in sorted(load_formats().values(), key=lambda known: known.name)
    ]


def _known_format(registry: Registry, wanted: NewFeed) -> FileFormat:
    formats = load_formats()
    if wanted.file_format not in formats:
        raise ExchangeError(
            "The file format is not known; nothing was written.",
            place=Place(file=str(registry.path / "feeds.csv"), column="file_format"),
            expected=f"one of {', '.join(sorted(formats))}",
            got=wanted.file_format,
            remedy="`exchange new feed --formats` describes them; `exchange new system` adds one.",
        )
    return formats[wanted.file_format]


def _usual_pattern(registry: Registry, file_format: FileFormat) -> str:
    """By the suffix other feeds of the format have; a delivered file of another name would wait unseen."""
    suffixes = {f"*.{feed.file_pattern.rpartition('.')[2]}" for feed in _same_format(registry, file_format)}
    if len(suffixes) == 1:
        return suffixes.pop()
    return "*.csv" if file_format.delimiter == "," and file_format.encoding == "utf-8" else "*"


def _same_format(registry: Registry, file_format: FileFormat) -> list[Feed]:
    return [feed for feed in registry.feeds if feed.file_format == file_format.name and "." in feed.file_pattern]


def _usual_zone(registry: Registry, wanted: NewFeed) -> str:
    zones = {feed.timezone for feed in registry.feeds if feed.partner_id == wanted.partner_id and feed.timezone}
    if len(zones) == 1:
        return zones.pop()
    raise ExchangeError(
        "The feed's time zone is not told; nothing was written.",
        place=Place(partner=wanted.partner_id, feed=wanted.feed_id, column="timezone"),
        expected="an IANA time zone such as America/New_York",
        got=", ".join(sorted(zones)) or None,
        remedy="Say it with --timezone: the day of a contact is judged in it.",
    )
