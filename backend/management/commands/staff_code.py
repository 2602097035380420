from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.demo import demo_code
from backend.errors import NotFound


class Command(BaseCommand):
    """The code that a demo login's authenticator app shows now."""

    help = "Prints the second factor's current code of a demo login; there is none outside development."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(demo_code(options["email"]))
        except NotFound as error:
            raise CommandError(error.detail) from None
