"""Every change of the calendar: one transaction with its history, its dates, its bytes and its texts."""

from backend.events.ical import Place
from backend.events.services.dates import cancel_next_occurrence, cancel_occurrence, reschedule_occurrence
from backend.events.services.derived import extend_occurrences, public_link, render_all
from backend.events.services.series import SeriesFields, cancel_event, post_event, revise_event

__all__ = [
    "Place",
    "SeriesFields",
    "cancel_event",
    "cancel_next_occurrence",
    "cancel_occurrence",
    "extend_occurrences",
    "post_event",
    "public_link",
    "render_all",
    "reschedule_occurrence",
    "revise_event",
]
