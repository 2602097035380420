"""What the source documents offer to residents, as data: read once into the database, then changed there.

Nobody of a department has confirmed any of it, so no row carries a date of confirmation. The words are ours, the
facts are those of the document that a row names.
"""

from dataclasses import dataclass
from typing import Any

PORTAL = "City Public Safety Portal"
PORTAL_YEAR = 2015  # about: it has no date and tells of December 2015
STRATEGY = "SLMPD Comprehensive Public Safety Strategy"
STRATEGY_YEAR = 2023
CASE_STUDY = "U.S. Department of Justice, Public Safety Partnership case study of St. Louis"
CASE_STUDY_YEAR = 2019
REDESIGN = "Center for Policing Equity, Redesigning Public Safety in St. Louis"
REDESIGN_YEAR = 2022
COUNTY_PAGE = "St. Louis County Police, Neighborhood Policing page"  # without a date


@dataclass(frozen=True, kw_only=True)
class RuleData:
    """A row of Rule; `low` and `high` as its kind says."""

    kind: str
    words: str
    source: str
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, kw_only=True)
class SupplyData:
    name: str
    price: str
    stock: int = 0  # until somebody counts what is there


@dataclass(frozen=True, kw_only=True)
class ProgramData:
    """A row of Program with what hangs on it. Without `form`, nobody applies or the intake asks by itself."""

    slug: str
    name: str
    kind: str
    agency: str = "slmpd"
    owner: str
    summary: str
    who: str
    applicants: str = "people"
    cost: str = ""
    season: str = ""
    contact: str = "SLMPD Office of Community Engagement; its number is to be confirmed"
    bring: str = ""
    access_notes: str = ""
    has_public_sessions: bool = False
    source: str
    source_year: int | None = None
    rules: tuple[RuleData, ...] = ()
    form: dict[str, Any] | None = None
    topics: tuple[str, ...] = ()
    supplies: tuple[SupplyData, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EntryData:
    """A row of Entry. A phone number only where the source gives one."""

    slug: str
    name: str
    kind: str
    what: str
    tags: tuple[str, ...]
    who_for: str = ""
    hours: str = ""
    phone: str = ""
    url: str = ""
    languages: tuple[str, ...] = ()
    crisis_rank: int | None = None
    source: str
    source_year: int | None = None
