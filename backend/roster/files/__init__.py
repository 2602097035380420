"""Files as agencies send them, read whole or refused whole, with the reason. Pure but for reading the file."""

from backend.roster.files.features import Feature, read_features
from backend.roster.files.tables import read_rows, read_text

__all__ = ["Feature", "read_features", "read_rows", "read_text"]
