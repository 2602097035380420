from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from backend.prune import prune


class Command(BaseCommand):
    help = "Erases personal data whose time is over. The worker does it once a day; this does it at once."

    def handle(self, *args: Any, **options: Any) -> None:
        for what, count in prune(timezone.now()).items():
            self.stdout.write(f"{what}: {count} erased")
