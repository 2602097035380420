"""A service of its own for a benchmark: a new database, the real city if it is there, a server on a free port."""

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
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def city_data() -> Path:
    """The folder of real St. Louis data that STL_DATA names; ends the benchmark, saying so, where there is none."""
    folder = os.environ.get("STL_DATA", "")
    if not folder or not (Path(folder) / "truth.csv").exists():
        print("skipped: set STL_DATA to the folder of St. Louis data (districts, streets, truth.csv).")
        sys.exit(0)
    return Path(folder).resolve()


@contextmanager
def real_city(data: Path, settings: str = "backend.settings") -> Iterator[str]:
    """Imports the real maps and streets into a new database and serves them; gives the address of the server."""
    from cryptography.fernet import Fernet

    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        os.environ |= {
            "DEBUG": "1",
            "DJANGO_SETTINGS_MODULE": settings,
            "PYTHONPATH": os.pathsep.join([*sys.path[:1], str(ROOT)]),
            "SECRET_KEY": secrets.token_urlsafe(50),
            "FIELD_KEYS": Fernet.generate_key().decode(),
            "INDEX_KEY": secrets.token_urlsafe(32),
            "DATABASE_URL": f"sqlite:///{folder}/benchmark.sqlite3",
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
        }
        _manage("migrate", "--verbosity", "0")
        for kind, name in [
            ("patrol_area", "patrol_areas"),
            ("district", "districts"),
            ("beat", "beats_derived"),
            ("neighborhood", "neighborhoods"),
            ("ward", "wards"),
        ]:
            options = ["--agency", "slmpd", "--kind", kind, "--set", "2014", "--effective", "2014-01-27"]
            _manage("import_areas", str(data / f"{name}.geojson"), *options)
        _manage("import_streets", str(data / "streets.geojson.gz"))
        command = ["granian", "--interface", "wsgi", "--port", str(port), "--blocking-threads", "2"]
        server = subprocess.Popen(
            [str(Path(sys.executable).with_name(command[0])), *command[1:], "backend.wsgi:application"],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(f"http://127.0.0.1:{port}/healthz")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(20)


def _manage(*words: str) -> None:
    subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


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
