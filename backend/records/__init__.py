"""Every stored field of every model: when it ends, and what the Sunshine Law makes of it.

`tests/test_records.py` fails where a field has no line here. `EVERY` stands for all fields of a model, but not of one
that holds something about a person: there a new field needs a word of its own. `manage.py sunshine_export` gives out
what is OPEN. Missouri's Sunshine Law is RSMo chapter 610; REVIEW means that counsel decides before it is given out.
The times are those by which `prune` erases.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import Case, F, Model, Q, QuerySet, When

from backend.feedback.concerns.models import Concern, ConcernChange
from backend.feedback.concerns.triage import UNTOLD
from backend.records import accounts, calendar, concerns, programs, working_groups
from backend.records.tags import CLOSED, EMPLOYEE, EVERY, OPEN, REVIEW, Record

__all__ = ["CLOSED", "EMPLOYEE", "EVERY", "OPEN", "RECORDS", "REVIEW", "Record"]

# By model, then by names of fields, which share a line where all is the same.
RECORDS: Mapping[str, Mapping[str, Record]] = {
    **accounts.RECORDS,
    **calendar.RECORDS,
    **programs.RECORDS,
    **concerns.RECORDS,
    **working_groups.RECORDS,
}


def records_of(model: type[Model]) -> dict[str, Record]:
    """The record of each stored field that has one, in the order of the columns."""
    lines = RECORDS.get(model._meta.label, {})
    named = {name: record for names, record in lines.items() for name in names.split()}
    found = {field.name: named.get(field.name, named.get(EVERY)) for field in model._meta.concrete_fields}
    return {name: record for name, record in found.items() if record}


# --- what is given out of a table -----------------------------------------------------------------------

# Of a concern about an employee: with its area or id, the log would tell that employee's command that it is there.
WALLED_GIVEN = (
    "category",
    "status",
    "disposition",
    "submitted_at",
    "closed_at",
    "anonymised_at",
    "erased_at",
)


def hangs_on_a_concern(model: type[Model]) -> bool:
    return any(
        field.name == "concern" and field.related_model is Concern for field in model._meta.concrete_fields
    )


def open_rows(model: type[Model]) -> QuerySet[Any]:
    """The rows of a log of this model, in order; none of what hangs on a walled concern, nor of what made it so."""
    rows = model._base_manager.filter(working_groups.OPEN_ROWS.get(model._meta.label, Q())).order_by("pk")
    if model is ConcernChange:
        rows = rows.exclude(move__in=UNTOLD)
    return rows.exclude(concern__is_walled=True) if hangs_on_a_concern(model) else rows


def open_columns(model: type[Model]) -> dict[str, Any]:
    """Each open field with what is given of it: for a walled concern's, only those of WALLED_GIVEN."""
    names = [name for name, record in records_of(model).items() if record.tag == OPEN]
    if model is not Concern:
        return {name: F(name) for name in names}
    apart = {name: Case(When(is_walled=False, then=F(name))) for name in names if name not in WALLED_GIVEN}
    return {name: apart.get(name, F(name)) for name in names}
