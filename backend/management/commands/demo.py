from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from backend import demo
from backend.errors import Conflict


class Command(BaseCommand):
    help = (
        "Loads a small, schematic St. Louis with invented officers; can add followers and cancel a roll call."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--followers", type=int, default=0, help="add so many followers to a roll call")
        parser.add_argument("--cancel", action="store_true", help="cancel that roll call's next date")

    def handle(self, *args: Any, followers: int, cancel: bool, **options: Any) -> None:
        try:
            self._load(followers, cancel)
        except Conflict as error:
            raise CommandError(error.detail) from None

    def _load(self, followers: int, cancel: bool) -> None:
        demo.load()
        if followers:
            self.stdout.write(f"{demo.add_followers(followers)} followers added.")
        if cancel:
            start = demo.cancel_next("The officers are needed elsewhere.")
            self.stdout.write(f"Cancelled {timezone.localtime(start):%a %b %-d, %-I:%M %p}.")
