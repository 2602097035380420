from pathlib import Path
from typing import Any

from django.utils import timezone

from backend.roster import services
from backend.roster.files import read_rows
from backend.roster.management.importing import ImportCommand


class Command(ImportCommand):
    help = (
        "Adds or changes staff and their assignments from a CSV file with the columns "
        f"{', '.join(services.STAFF_COLUMNS)}; and, where wanted, badge_number, is_sworn, contact, watch, "
        "ends_on, is_acting, confirmed_on. An area is a slug such as slmpd-district-4."
    )
    noun = "staff"

    def load(self, path: Path, **options: Any) -> services.Imported:
        rows = read_rows(path, required=services.STAFF_COLUMNS)
        return services.import_staff(rows=rows, today=timezone.localdate())
