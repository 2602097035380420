from pathlib import Path
from typing import Any

from django.utils import timezone

from backend.roster import services
from backend.roster.files import read_rows
from backend.roster.management.importing import ImportCommand


class Command(ImportCommand):
    help = (
        "Makes a CSV file the stations of the agencies in it: columns name, address, lat, lon; and, where wanted, "
        "agency, phone, area, source, verified_on, type (then only rows of type police_station are read). "
        "Without agency it is the one on whose map of today the station stands."
    )
    noun = "stations"

    def load(self, path: Path, **options: Any) -> services.Imported:
        rows = read_rows(path, required=services.STATION_COLUMNS)
        return services.import_stations(rows=rows, source=path.name, today=timezone.localdate())
