from typing import Any

from django.core.management.base import BaseCommand

from backend.programs.services.importing import import_catalogue


class Command(BaseCommand):
    help = (
        "Adds the programs and the directory of the source documents; run again, it adds what is missing and changes "
        "nothing. No program runs until somebody of its department confirms it."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        counts = import_catalogue()
        self.stdout.write(
            f"{counts.programs} programs and {counts.entries} directory entries added, {counts.kept} kept as they are"
        )
