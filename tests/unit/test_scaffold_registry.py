"""`exchange new partner` and `new feed`: what they write the registry takes; what it would not take is not written."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange.errors import ExchangeError
from exchange.registry import RegistryError, load_registry
from exchange.scaffold.feed import NewFeed, described_formats, new_feed
from exchange.scaffold.partner import NewPartner, new_partner
from exchange.scaffold.registry_lines import add_line
from exchange.settings import Settings
from tests.registry_files import GOOD, write_registry

PARTNER = NewPartner("river", 'River "R", Inc.', "independent", "organization", "PA NC", "dwid", "", "ids")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", registry=write_registry(tmp_path / "registry"))


def texts(settings: Settings) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in settings.registry.iterdir()}


def test_a_partner_is_one_line_more(settings: Settings) -> None:
    made = new_partner(settings, PARTNER)
    partner = load_registry(settings.registry).partner("river")
    assert (partner.partner_name, partner.states, partner.is_active) == ('River "R", Inc.', "PA NC", True)
    assert texts(settings)["partners.csv"].startswith(GOOD["partners.csv"])
    assert (settings.inbox / "river").is_dir() and made.created == (settings.inbox / "river",)
    # r2 is for group:all; r1 is for the other side
    assert "share with it at once: r2; these share what it gives: r2;" in made.steps[1]


def test_two_partners_get_different_schemas(settings: Settings) -> None:
    new_partner(settings, PARTNER)
    new_partner(settings, NewPartner("lake", "Lake", "independent", "organization", "*", "dwid", "", "ids"))
    registry = load_registry(settings.registry)
    assert registry.partner("river").share_schema != registry.partner("lake").share_schema


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (PARTNER.__class__(**{**vars(PARTNER), "partner_id": "pa_party"}), "already"),
        (PARTNER.__class__(**{**vars(PARTNER), "partner_id": "River Alliance"}), "partner_id"),
        (PARTNER.__class__(**{**vars(PARTNER), "partner_id": "coordinated"}), "reserved"),
        (PARTNER.__class__(**{**vars(PARTNER), "side": "both"}), "side"),
        (PARTNER.__class__(**{**vars(PARTNER), "states": "Pennsylvania"}), "states"),
        (PARTNER.__class__(**{**vars(PARTNER), "states": "ZZ"}), "not known"),
        (PARTNER.__class__(**{**vars(PARTNER), "id_namespace": "vanid_campaign"}), "id_scope"),
    ],
)
def test_a_partner_that_cannot_be_is_not_written(settings: Settings, wanted: NewPartner, said: str) -> None:
    before = texts(settings)
    with pytest.raises(ExchangeError) as caught:
        new_partner(settings, wanted)
    assert said in str(caught.value) and "othing was written" in str(caught.value)
    # the real file, not the trial copy
    assert "/tmp" not in str(caught.value).replace(str(settings.registry), "")
    assert texts(settings) == before and not settings.inbox.exists()


def test_a_broken_registry_is_mended_first(settings: Settings) -> None:
    write_registry(settings.registry, feeds=GOOD["feeds.csv"] + "half,a,line\n")
    with pytest.raises(RegistryError, match=r"feeds\.csv"):
        new_partner(settings, PARTNER)


def test_a_line_is_put_on_a_line_of_its_own(settings: Settings) -> None:
    """A file without a last line end, or with those of Windows: the new line must not grow onto the old one."""
    windows = GOOD["partner_groups.csv"].replace("\n", "\r\n").rstrip("\r\n")
    (settings.registry / "partner_groups.csv").write_bytes(windows.encode())
    add_line(settings.registry, "partner_groups.csv", {"group_id": "new", "partner_id": "pa_party"})
    written = (settings.registry / "partner_groups.csv").read_bytes()
    assert written.endswith(b"\r\nmixed,door_group\r\nnew,pa_party\r\n") or b"door_group\nnew" in written
    assert "new" in {row.group_id for row in load_registry(settings.registry).partner_groups}


def test_a_feed_takes_what_is_not_said_from_its_partner(settings: Settings) -> None:
    new_feed(settings, NewFeed("gov_texts", "gov_campaign", "spoke_contacts"))
    feed = load_registry(settings.registry).feed("gov_texts")
    assert (feed.location, feed.file_pattern, feed.timezone) == ("gov_campaign/gov_texts", "*.csv", "America/New_York")
    assert (feed.id_namespace, feed.id_scope, feed.state) == ("vanid_campaign", "C77", None)
    assert (feed.coverage, feed.expected_every_hours, feed.min_rows, feed.max_reject_share) == ("delta", 24, 1, 0.05)
    assert (settings.inbox / "gov_campaign" / "gov_texts").is_dir()


def test_another_namespace_does_not_take_the_partners_scope(settings: Settings) -> None:
    new_feed(settings, NewFeed("gov_dwid", "gov_campaign", "spoke_contacts", id_namespace="dwid"))
    assert load_registry(settings.registry).feed("gov_dwid").id_scope is None


def test_a_url_gets_no_folder(settings: Settings) -> None:
    new_feed(settings, NewFeed("far", "gov_campaign", "spoke_contacts", location="s3://bucket/far"))
    assert not settings.inbox.exists()


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (NewFeed("gov_contacts", "gov_campaign", "spoke_contacts"), "already"),
        (NewFeed("f", "nobody", "spoke_contacts"), "no such partner"),
        (NewFeed("f", "gov_campaign", "fax"), "--formats"),
        (NewFeed("f", "pa_party", "spoke_contacts"), "--timezone"),
        (NewFeed("f", "gov_campaign", "spoke_contacts", location="../elsewhere"), "location"),
        (NewFeed("f", "gov_campaign", "spoke_contacts", coverage="all"), "coverage"),
    ],
)
def test_a_feed_that_cannot_be_is_not_written(settings: Settings, wanted: NewFeed, said: str) -> None:
    before = texts(settings)
    with pytest.raises(ExchangeError) as caught:
        new_feed(settings, wanted)
    assert said in str(caught.value)
    assert texts(settings) == before and not settings.inbox.exists()


def test_known_formats_are_listed_with_what_they_need() -> None:
    formats = {name: required for name, _, required in described_formats()}
    assert formats["generic_contacts"] == "record_id, contacted_at, channel"
