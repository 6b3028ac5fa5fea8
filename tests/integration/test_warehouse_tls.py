"""With a certificate, partners come by TLS or not at all; the exchange's own roles are not disturbed."""

from __future__ import annotations

import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from exchange.diagnosis import findings
from exchange.errors import ExchangeError
from exchange.settings import Settings
from exchange.warehouse.binaries import find_binaries
from exchange.warehouse.connection import ROLES, connect, connection_info
from exchange.warehouse.partner_roles import create_partner_role, let_into, set_password
from exchange.warehouse.server import EmbeddedServer
from exchange.warehouse.tls import read_certificate
from tests.servers import DEBIAN_15, fresh_settings, running_warehouse

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


def make_certificate(folder: Path, name: str = "server") -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that vouches for itself."""
    if shutil.which("openssl") is None:
        pytest.skip("TLS is not tested: there is no openssl to make a certificate with (apt-get install openssl)")
    folder.mkdir(parents=True, exist_ok=True)
    cert, key = folder / f"{name}.crt", folder / f"{name}.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-out", str(cert), "-keyout", str(key)),
        ],
        check=True,
        capture_output=True,
    )
    key.chmod(0o600)
    return cert, key


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The wheel's server has no TLS: Debian's is found for it."""
    if not (DEBIAN_15 / "postgres").exists():
        pytest.skip(f"TLS is not tested: there is no {DEBIAN_15} (apt-get install postgresql-15)")
    folder = tmp_path_factory.mktemp("tls")
    make_certificate(folder / "home" / "tls")
    with running_warehouse(fresh_settings(folder)) as settings:
        with connect(settings, autocommit=True) as admin:
            create_partner_role(admin, "p_aaaaaa")
            let_into(admin, admin.info.dbname, "p_aaaaaa")
            set_password(admin, "p_aaaaaa", "secret")
        yield settings


def as_partner(settings: Settings, **parameters: Any) -> psycopg.Connection[Any]:
    info = connection_info(settings)
    return psycopg.connect(
        host=info.host, port=info.port, dbname=info.dbname, user="p_aaaaaa", password="secret", **parameters
    )


def test_a_partner_can_make_sure_whom_it_talks_to(warehouse: Settings) -> None:
    root = str(warehouse.home / "tls" / "server.crt")
    with as_partner(warehouse, sslmode="verify-full", sslrootcert=root) as session:
        assert session.pgconn.ssl_in_use
        assert session.execute("select 1").fetchone() == (1,)


def test_a_partner_without_tls_is_refused(warehouse: Settings) -> None:
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        as_partner(warehouse, sslmode="disable")
    # what clients do by default leads to TLS
    with as_partner(warehouse) as session:
        assert session.pgconn.ssl_in_use


def test_a_wrong_certificate_is_noticed(warehouse: Settings, tmp_path: Path) -> None:
    other, _ = make_certificate(tmp_path, "other")
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        as_partner(warehouse, sslmode="verify-full", sslrootcert=str(other))


def test_the_exchange_itself_goes_on_without(warehouse: Settings) -> None:
    for role in ROLES:
        with connect(warehouse, role) as connection:
            assert not connection.pgconn.ssl_in_use


def test_the_key_is_the_servers_alone(warehouse: Settings) -> None:
    key = warehouse.pgdata / "server.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert key.stat().st_uid == warehouse.pgdata.stat().st_uid


def test_the_doctor_tells_of_it(warehouse: Settings, tmp_path: Path) -> None:
    told = [finding for finding in findings(warehouse) if finding.check == "tls"]
    assert [finding.status for finding in told] == ["ok"]
    elsewhere = fresh_settings(tmp_path, database_url=connection_info(warehouse).url())
    [found] = [finding for finding in findings(elsewhere) if finding.check == "tls"]
    assert "connects without it" in found.message


def test_programs_without_tls_are_not_taken_for_a_certificate() -> None:
    wheel = find_binaries().folder
    with pytest.raises(ExchangeError, match="built without"):
        find_binaries(folder=wheel, needs_tls=True)


def test_half_a_certificate_stops_the_start(tmp_path: Path) -> None:
    """A server that silently started without TLS would send rows in the clear."""
    cert, _ = make_certificate(tmp_path)
    _, other_key = make_certificate(tmp_path, "other")
    for values in ({"tls_cert": cert}, {"tls_cert": cert, "tls_key": tmp_path / "none"}):
        with pytest.raises(ExchangeError, match="not whole"):
            EmbeddedServer(fresh_settings(tmp_path, **values)).start()
    with pytest.raises(ExchangeError, match="do not fit together"):
        read_certificate(fresh_settings(tmp_path, tls_cert=cert, tls_key=other_key))
    locked = tmp_path / "locked.key"
    subprocess.run(
        ["openssl", "rsa", "-aes128", "-passout", "pass:word", "-in", str(other_key), "-out", str(locked)],
        check=True,
        capture_output=True,
    )
    with pytest.raises(ExchangeError, match="without a password"):
        read_certificate(fresh_settings(tmp_path, tls_cert=tmp_path / "other.crt", tls_key=locked))
