"""Every write of the roster: maps, streets, addresses, stations, people. Each is one transaction, and re-runnable.

An import that cannot be taken whole is not taken at all; the refusal names the bad rows.
"""

from backend.roster.services.addresses import ADDRESS_COLUMNS, import_addresses
from backend.roster.services.maps import agency_named, import_areas
from backend.roster.services.people import STAFF_COLUMNS, import_staff
from backend.roster.services.rows import Imported, to_day, trying
from backend.roster.services.stations import STATION_COLUMNS, import_stations
from backend.roster.services.streets import import_streets

__all__ = [
    "ADDRESS_COLUMNS",
    "STAFF_COLUMNS",
    "STATION_COLUMNS",
    "Imported",
    "agency_named",
    "import_addresses",
    "import_areas",
    "import_staff",
    "import_stations",
    "import_streets",
    "to_day",
    "trying",
]
