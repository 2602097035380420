import csv
import json
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import DateField, DateTimeField, Model
from django.utils import timezone

from backend.feedback.concerns.models import Concern
from backend.records import (
    EMPLOYEE,
    OPEN,
    RECORDS,
    REVIEW,
    WALLED_GIVEN,
    Record,
    hangs_on_a_concern,
    open_columns,
    open_rows,
    records_of,
)
from backend.roster.management.importing import a_day

CHUNK = 2000


class Command(BaseCommand):
    help = (
        "Writes what is open of a model's rows, by backend/records, as CSV. Lines that begin with # come first and "
        "name each field that is withheld, with its tag and the reason."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("model", help="such as concerns.Concern")
        parser.add_argument("--since", type=a_day, help="only rows of that day or later, YYYY-MM-DD")
        parser.add_argument("--output", type=Path, required=True, help="a file that is not there yet")

    def handle(self, *args: Any, model: str, since: date | None, output: Path, **options: Any) -> None:
        of = _model(model)
        records = records_of(of)
        columns = open_columns(of)
        fields = list(columns)
        if not fields:
            raise CommandError(f"No field of {model} is open; ask counsel about those for review.")
        rows, which = open_rows(of), "all rows"
        if since:
            day = _day(of, fields)
            rows, which = (
                rows.filter(**{f"{day.name}__gte": _start(day, since)}),
                f"since {since} by {day.name}",
            )
        if output.exists():
            raise CommandError(f"{output} is there already; name another file.")
        part = output.with_name(f"{output.name}.part")  # what was broken off is not taken for the whole
        try:
            with part.open("w", newline="", encoding="utf-8") as file:
                written = csv.writer(file)
                written.writerows(_preamble(of, which, records))
                written.writerow(fields)
                for row in rows.values_list(*columns.values()).iterator(CHUNK):
                    written.writerow([_text(value) for value in row])
            part.replace(output)
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from None
        withheld = len(records) - len(fields)
        self.stdout.write(f"{model}, {which}: {len(fields)} fields in {output}, {withheld} withheld.")


def _model(label: str) -> type[Model]:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        raise CommandError(f"There is no {label}; there are {', '.join(sorted(RECORDS))}.") from None


def _day(model: type[Model], names: list[str]) -> Any:
    """The first open field that says when, of those that always do if there is one."""
    fields = [model._meta.get_field(name) for name in names]
    days = sorted((field for field in fields if isinstance(field, DateField)), key=lambda field: field.null)
    if not days:
        raise CommandError(f"{model._meta.label} has no open day to go by; leave --since out.")
    return days[0]


def _start(field: Any, day: date) -> date:
    is_moment = isinstance(field, DateTimeField)
    return timezone.make_aware(datetime.combine(day, time.min)) if is_moment else day


def _preamble(model: type[Model], which: str, records: dict[str, Record]) -> Iterator[list[str]]:
    yield ["# open records", model._meta.label, which, f"exported {timezone.localtime():%Y-%m-%d %H:%M}"]
    for name, record in records.items():
        if record.tag != OPEN:
            yield ["# withheld", name, record.tag, record.basis]
    # Whether there is any such row or not.
    if model is Concern:
        withheld = f"of rows about an employee all but {', '.join(WALLED_GIVEN)}"
        yield ["# withheld", withheld, REVIEW, EMPLOYEE]
    elif hangs_on_a_concern(model):
        yield ["# withheld", "rows of concerns about an employee", REVIEW, EMPLOYEE]


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat()
    if isinstance(value, (list, dict)):
        return json.dumps(value)
    return bytes(value).decode() if isinstance(value, (bytes, memoryview)) else value
