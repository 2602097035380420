"""Files as agencies send them, read whole or refused whole, with the reason. Pure but for reading the file."""

from backend.roster.files.features import Feature, read_features
from backend.roster.files.tables import Row, read_rows

__all__ = ["Feature", "Row", "read_features", "read_rows"]
