import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from backend.notifications.transports import email_transport, text_transport
from backend.notifications.worker import Worker


class Command(BaseCommand):
    """Sends what is queued and runs periodic work, until told to stop."""

    help = "The worker: sends queued texts and runs periodic work. Start as many as you like on PostgreSQL."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--drain", action="store_true", help="stop when nothing is due, being sent or of unknown fate"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        transports = text_transport(), email_transport()
        worker = Worker(*transports)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        names = [type(transport).__name__ for transport in transports]
        self.stdout.write(f"Worker started; texts go through {names[0]}, e-mail through {names[1]}.")
        worker.run(drain=options["drain"])
