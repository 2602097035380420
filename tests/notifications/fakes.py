"""Stand-ins for the provider: one that keeps what it got, and a server that answers as it is told."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


@dataclass
class Text:
    id: str
    to: str
    body: str
    attempt_id: uuid.UUID


@dataclass
class FakeTransport:
    """Keeps every text it accepts. `answers` scripts the next ones: an error to raise instead of, or
    (with `accepted_first`) after, accepting."""

    answers: list[Exception | None] = field(default_factory=list)
    accepted_first: bool = False
    listed: bool = True
    during: Callable[[uuid.UUID], object] | None = None
    texts: list[Text] = field(default_factory=list)
    channel: str = "sms"

    def send(self, *, to: str, body: str, attempt_id: uuid.UUID, expires_at: datetime) -> str:
        answer = self.answers.pop(0) if self.answers else None
        if answer and not self.accepted_first:
            raise answer
        self.texts.append(Text(f"SM{uuid.uuid4().hex}", to, body, attempt_id))
        if self.during:
            self.during(attempt_id)
        if answer:
            raise answer
        return self.texts[-1].id

    def find(self, *, to: str, body: str, since: datetime) -> list[str]:
        return [t.id for t in self.texts if self.listed and t.to == to and t.body == body]


class Server:
    """A loopback HTTP server; `answer(handler)` writes each response itself."""

    def __init__(self, answer: Callable[[BaseHTTPRequestHandler], None]) -> None:
        self.forms: list[dict[str, str]] = []
        self.paths: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def handle_one(self) -> None:
                server.paths.append(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                form = parse_qs(self.rfile.read(length).decode())
                server.forms.append({name: values[0] for name, values in form.items()})
                answer(self)

            do_POST = do_GET = handle_one

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator["Server"]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()
