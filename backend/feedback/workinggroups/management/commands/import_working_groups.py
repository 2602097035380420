from typing import Any

from django.core.management.base import BaseCommand

from backend.feedback.workinggroups.services.groups import import_groups
from backend.feedback.workinggroups.services.recommendations import load_outcomes


class Command(BaseCommand):
    help = (
        "Adds the working groups of the source documents, and what came of them; run again, it adds what is missing "
        "and changes nothing. Nobody is in them until an administrator invites the first coordinator."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{import_groups()} working groups added")
        load_outcomes()
