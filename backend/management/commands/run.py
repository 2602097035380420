"""`make run`: the web server and one worker as children of one command."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.demo import demo_login, is_new

RESTART_PAUSE_SECONDS = 1.0
STOP_SECONDS = 20.0
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1


class Child:
    """A process group of ours, started again when it dies."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self.command = command
        self.start()

    def start(self) -> None:
        # A session of its own: a killed server's helpers are found by the group, and Ctrl-C reaches us first.
        self.process = subprocess.Popen(
            self.command, cwd=settings.BASE_DIR, start_new_session=True, preexec_fn=_die_with_parent
        )

    def signal_all(self, number: int) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return

    def restart(self) -> None:
        self.signal_all(signal.SIGKILL)
        self.start()


def _die_with_parent() -> None:
    """Asks Linux to stop this child when its parent is gone, however that came about (prctl(2))."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Command(BaseCommand):
    help = "Serves on this machine: migrates, loads the demo into a new database, runs web server and worker."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        _refuse_used_port(port)
        os.environ["PUBLIC_URL"] = os.environ.get("PUBLIC_URL", f"http://127.0.0.1:{port}")
        settings.PUBLIC_URL = os.environ["PUBLIC_URL"]
        settings.RUN_ADDRESS.write_text(settings.PUBLIC_URL)
        self._prepare()
        for number in STOPS:
            signal.signal(number, _stop)
        children: list[Child] = []
        try:
            children.append(Child("web", _web_command(port)))
            children.append(Child("worker", [sys.executable, "manage.py", "work"]))
            self._wait_until_answering(port, children[0])
            self._say_where(port)
            self._watch(children)
        except KeyboardInterrupt:
            self.stdout.write("\nStopping.")
        finally:
            _stop_all(children)

    def _prepare(self) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        if is_new():
            self.stdout.write("A new database: loading the demo.")
            call_command("demo")
        call_command("render_feeds")

    def _wait_until_answering(self, port: int, web: Child) -> None:
        for _ in range(300):
            if web.process.poll() is not None:
                raise CommandError("The web server ended at once; its message is above.")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        raise CommandError("The web server did not answer within 30 seconds.")

    def _say_where(self, port: int) -> None:
        here = f"http://127.0.0.1:{port}"
        lines = [
            "Roll Call is running. Worth opening:",
            f"  {here}/api/docs  the API, to try",
            f"  {here}/feeds/all.ics  every meeting, as a calendar",
            f"  {here}/api/v1/occurrences  the next thirty days",
            f"  {here}/readyz  whether all is well",
            f"  {here}/admin/  the staff pages",
        ]
        for email, password in demo_login():
            lines.append(f"    demo login: {email}  password: {password}")
            lines.append(f"      its code now: .venv/bin/python manage.py staff_code {email}")
        lines.append("Texts are shown here instead of being sent. Ctrl-C stops everything.")
        self.stdout.write("\n".join(lines))
        self.stdout.flush()

    def _watch(self, children: list[Child]) -> None:
        while True:
            for child in children:
                if child.process.poll() is not None:
                    self.stdout.write(
                        f"The {child.name} ended (code {child.process.returncode}); starting it again."
                    )
                    time.sleep(RESTART_PAUSE_SECONDS)
                    child.restart()
            time.sleep(0.5)


def _web_command(port: int) -> list[str]:
    granian = str(Path(sys.executable).with_name("granian"))
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    threads = [
        "--blocking-threads",
        "8",
        "--respawn-failed-workers",
        "--no-access-log",
        "--log-level",
        "warning",
    ]
    return [granian, *options, *threads, "backend.wsgi:application"]


def _refuse_used_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            raise CommandError(
                f"Port {port} is in use or not allowed; try: make run PORT={port + 1}"
            ) from None


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _stop_all(children: list[Child]) -> None:
    """Asks each to finish what it is doing, and insists after a while."""
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)
    for child in children:
        child.signal_all(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.signal_all(signal.SIGKILL)
