from pathlib import Path
from typing import Any

from backend.roster import services
from backend.roster.files import read_rows
from backend.roster.management.importing import ImportCommand


class Command(ImportCommand):
    help = (
        "Makes a CSV file (.gz or not) the recorded addresses: columns address, lat, lon. "
        "A file that also has a column name makes the places by name anew, and leaves the addresses alone."
    )
    noun = "addresses"

    def load(self, path: Path, **options: Any) -> services.Imported:
        return services.import_addresses(rows=read_rows(path, required=services.ADDRESS_COLUMNS))
