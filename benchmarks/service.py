"""A service of its own for a benchmark: a new database, the real city in it, a server on a free port.

Everything runs in the production form (DEBUG=0), the benchmark's own process included: after `database()`
the project can be imported there, and works on the database that the server serves.
"""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = ("truth.csv", "messy_addresses.csv", "districts.geojson", "streets.geojson.gz", "addresses.csv.gz")
# (agency, kind, file, in force since).
MAPS = [
    ("slmpd", "patrol_area", "patrol_areas", "2014-01-27"),
    ("slmpd", "district", "districts", "2014-01-27"),
    ("slmpd", "beat", "beats_derived", "2014-01-27"),
    ("slmpd", "neighborhood", "neighborhoods", "2014-01-27"),
    ("slmpd", "ward", "wards", "2014-01-27"),
    ("slcpd", "municipality", "county_municipalities", "2015-01-01"),
]


def city_data() -> Path:
    """The folder of real St. Louis data that STL_DATA names; ends the benchmark, saying so, where none is named."""
    folder = os.environ.get("STL_DATA", "")
    if not folder:
        print("skipped: set STL_DATA to the folder of St. Louis data (districts, streets, truth.csv).")
        sys.exit(0)
    if lacking := [name for name in FILES if not (Path(folder) / name).exists()]:
        sys.exit(f"STL_DATA names {folder}, which lacks {', '.join(lacking)}.")
    return Path(folder).resolve()


@contextmanager
def _database_of_its_own(server: str, folder: str) -> Iterator[str]:
    """A new database's address: a file in the folder or, on that PostgreSQL server, one that is dropped again."""
    if not server:
        yield f"sqlite:///{folder}/benchmark.sqlite3"
        return
    import psycopg

    name = f"benchmark_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def database(settings: str = "backend.settings", server: str = "") -> Iterator[Path]:
    """A new database, named in the environment and set up in this process; gives its folder, gone afterwards.

    `server`: the address of a PostgreSQL server's database beside which to make it, instead of SQLite.
    """
    from cryptography.fernet import Fernet

    with tempfile.TemporaryDirectory() as folder, _database_of_its_own(server, folder) as url:
        os.environ |= {
            "DEBUG": "0",
            "DJANGO_SETTINGS_MODULE": settings,
            "PYTHONPATH": os.pathsep.join([*sys.path[:1], str(ROOT)]),
            "SECRET_KEY": secrets.token_urlsafe(50),
            "FIELD_KEYS": Fernet.generate_key().decode(),
            "INDEX_KEY": secrets.token_urlsafe(32),
            "DATABASE_URL": url,
            "PUBLIC_URL": f"http://127.0.0.1:{_free_port()}",
        }
        sys.path.append(str(ROOT))
        import django

        django.setup()
        manage("migrate", verbosity=0)
        yield Path(folder)


def manage(command: str, *words: str, **options: object) -> None:
    """A management command, in this process and without its report."""
    from django.core.management import call_command

    call_command(command, *words, stdout=StringIO(), **options)


def import_city(data: Path) -> None:
    """All maps and the streets."""
    for agency, kind, file, since in MAPS:
        options = [f"--agency={agency}", f"--kind={kind}", f"--set={since[:4]}", f"--effective={since}"]
        manage("import_areas", str(data / f"{file}.geojson"), *options)
    manage("import_streets", str(data / "streets.geojson.gz"))


@contextmanager
def served() -> Iterator[str]:
    """A server of the database, one process with two threads; gives its address."""
    url = os.environ["PUBLIC_URL"]
    words = ["--interface", "wsgi", "--port", url.rpartition(":")[2], "--blocking-threads", "2"]
    server = subprocess.Popen(
        [str(Path(sys.executable).with_name("granian")), *words, "backend.wsgi:application"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(f"{url}/healthz")
        yield url
    finally:
        server.terminate()
        server.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"{url} did not answer.")
