"""The catalogue from the source documents into the database, where it is changed from then on."""

from dataclasses import asdict, dataclass

from django.db import transaction

from backend.accounts import audit
from backend.accounts.models import User
from backend.programs.catalogue import EntryData, ProgramData
from backend.programs.catalogue.directory import ENTRIES
from backend.programs.catalogue.programs import PROGRAMS
from backend.programs.models import Entry, Form, Program, Rule, Supply, Topic
from backend.roster import editions
from backend.roster.models import Agency


@dataclass(frozen=True, slots=True)
class Counts:
    """How many programs and entries were added, and how many were there already and stayed as they are."""

    programs: int
    entries: int
    kept: int


@transaction.atomic
def import_catalogue(*, by: User | None = None) -> Counts:
    """Adds the programs and entries whose slugs are not there yet; what is there is not touched.

    Nothing that it adds is confirmed, so no program runs by it. Without `by` it is the command.
    """
    editions.hold(editions.PROGRAMS)
    known_programs = set(Program.objects.values_list("slug", flat=True))
    known_entries = set(Entry.objects.values_list("slug", flat=True))
    programs = [data for data in PROGRAMS if data.slug not in known_programs]
    entries = [data for data in ENTRIES if data.slug not in known_entries]
    agencies = {agency.slug: agency for agency in Agency.objects.all()}
    for program in programs:
        _add_program(program, agencies[program.agency], by)
    for entry in entries:
        _add_entry(entry, by)
    if programs or entries:
        editions.bump(editions.PROGRAMS)
    kept = len(PROGRAMS) + len(ENTRIES) - len(programs) - len(entries)
    return Counts(len(programs), len(entries), kept)


def _add_program(data: ProgramData, agency: Agency, by: User | None) -> None:
    values = asdict(data) | {"agency": agency}
    rules, topics, supplies, form = (values.pop(name) for name in ("rules", "topics", "supplies", "form"))
    program = Program.objects.create(**values)
    Rule.objects.bulk_create(Rule(program=program, **rule) for rule in rules)
    Topic.objects.bulk_create(
        Topic(program=program, number=number, title=title) for number, title in enumerate(topics, 1)
    )
    Supply.objects.bulk_create(Supply(program=program, **supply) for supply in supplies)
    if form is not None:
        Form.objects.create(program=program, number=1, schema=form)
    audit.record("import_catalogue", program, by=by)


def _add_entry(data: EntryData, by: User | None) -> None:
    entry = Entry.objects.create(**asdict(data))
    audit.record("import_catalogue", entry, by=by)
