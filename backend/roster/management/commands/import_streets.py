from pathlib import Path
from typing import Any

from backend.roster import services
from backend.roster.files import read_features
from backend.roster.management.importing import ImportCommand


class Command(ImportCommand):
    help = (
        "Makes a file the map of streets: GeoJSON (.gz or not), or CSV with a `wkt` column; "
        "fields id, pre, street, type, lf, lt, rf, rt, zip."
    )
    noun = "streets"

    def load(self, path: Path, **options: Any) -> services.Imported:
        return services.import_streets(features=read_features(path))
