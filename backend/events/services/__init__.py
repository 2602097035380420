"""Every change of the calendar: one transaction with its history, its dates, its bytes and its texts."""

from backend.events.ical import Place
from backend.events.services.clashes import Clash, clashes_of
from backend.events.services.dates import (
    cancel_next_occurrence,
    cancel_occurrence,
    reschedule_occurrence,
    restore_occurrence,
)
from backend.events.services.derived import LANGUAGES, extend_occurrences, public_link, render_all
from backend.events.services.importing import Imported, Outcome, import_calendar
from backend.events.services.meetings import (
    add_priority,
    cast_ballot,
    change_priority,
    close_commitment,
    make_commitment,
    occurrence_of,
    period,
    ranked,
    rate_commitment,
    record_meeting,
    record_paper_ballots,
)
from backend.events.services.personal import end_feed, renew_feed
from backend.events.services.quarters import (
    WEEKEND,
    MakeUp,
    Slot,
    cancel_today,
    cancelled_today,
    copy_quarter,
    make_ups,
    next_quarter,
    post_make_up,
    post_quarter,
    todays,
)
from backend.events.services.registrations import (
    cancel_registration,
    change_registration,
    check_in,
    register,
)
from backend.events.services.series import (
    SeriesFields,
    cancel_event,
    confirm_event,
    post_event,
    revise_event,
)
from backend.events.services.splitting import split_event

__all__ = [
    "LANGUAGES",
    "WEEKEND",
    "Clash",
    "Imported",
    "MakeUp",
    "Outcome",
    "Place",
    "SeriesFields",
    "Slot",
    "add_priority",
    "cancel_event",
    "cancel_next_occurrence",
    "cancel_occurrence",
    "cancel_registration",
    "cancel_today",
    "cancelled_today",
    "cast_ballot",
    "change_priority",
    "change_registration",
    "check_in",
    "clashes_of",
    "close_commitment",
    "confirm_event",
    "copy_quarter",
    "end_feed",
    "extend_occurrences",
    "import_calendar",
    "make_commitment",
    "make_ups",
    "next_quarter",
    "occurrence_of",
    "period",
    "post_event",
    "post_make_up",
    "post_quarter",
    "public_link",
    "ranked",
    "rate_commitment",
    "record_meeting",
    "record_paper_ballots",
    "register",
    "render_all",
    "renew_feed",
    "reschedule_occurrence",
    "restore_occurrence",
    "revise_event",
    "split_event",
    "todays",
]
