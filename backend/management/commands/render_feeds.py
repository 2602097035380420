from typing import Any

from django.core.management.base import BaseCommand

from backend.events.services import render_all


class Command(BaseCommand):
    help = "Renders stored calendar entries anew where PUBLIC_URL or a release changed how they read."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{render_all()} events rendered anew.")
