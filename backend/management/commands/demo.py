from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from backend import demo


class Command(BaseCommand):
    help = (
        "Loads a small, schematic St. Louis with invented officers; can add followers and cancel a roll call."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--followers", type=int, default=0, help="add so many followers to a roll call")
        parser.add_argument("--cancel", action="store_true", help="cancel that roll call's next date")

    def handle(self, *args: Any, followers: int, cancel: bool, **options: Any) -> None:
        demo.load()
        if followers:
            demo.add_followers(followers)
            self.stdout.write(f"{followers} followers added.")
        if cancel:
            occurrence = demo.cancel_next("The officers are needed elsewhere.")
            self.stdout.write(f"Cancelled {timezone.localtime(occurrence.starts_at):%a %b %-d, %-I:%M %p}.")
