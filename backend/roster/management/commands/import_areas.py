from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from backend.roster import services
from backend.roster.files import read_features
from backend.roster.management.importing import ImportCommand, a_day
from backend.roster.models import Area


class Command(ImportCommand):
    help = (
        "Makes a file an agency's map of one kind, from a day on: GeoJSON, EsriJSON or a zipped shapefile, in any "
        "coordinate system that it declares. The same --set replaces that edition."
    )
    noun = "areas"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--agency", required=True, help="slug, such as slmpd")
        parser.add_argument("--kind", required=True, choices=Area.Kind.values)
        parser.add_argument("--set", required=True, dest="set_name", help="name of this edition of the map")
        parser.add_argument("--effective", required=True, type=a_day, help="first day, YYYY-MM-DD")
        parser.add_argument("--code", help="the field that holds an area's code (guessed if not given)")
        parser.add_argument("--name", help="the field that holds an area's name (guessed if not given)")
        parser.add_argument("--expect-count", type=int, help="refuse a file with another number of areas")
        parser.add_argument(
            "--expect-sqmi", type=float, help="refuse areas of another size in all, by more than 1 %%"
        )

    def load(self, path: Path, **options: Any) -> services.Imported:
        return services.import_areas(
            features=read_features(path),
            agency=services.agency_named(options["agency"]),
            kind=options["kind"],
            set_name=options["set_name"],
            effective_on=options["effective"],
            code_field=options["code"],
            name_field=options["name"],
            expect_count=options["expect_count"],
            expect_sqmi=options["expect_sqmi"],
        )
