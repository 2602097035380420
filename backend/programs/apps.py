from datetime import timedelta

from django.apps import AppConfig


class ProgramsConfig(AppConfig):
    name = "backend.programs"
    label = "programs"

    def ready(self) -> None:
        from backend.accounts.holdings import register_holding
        from backend.events.feeds import PERSONAL_ENTRIES
        from backend.events.models import PROGRAM_AGENCY, STAFFED_PROGRAMS
        from backend.notifications.registry import register_job, register_kind, register_topic
        from backend.programs import feeds, holdings
        from backend.programs.models import Docket, Program
        from backend.programs.services import (
            catalogue,
            classes,
            community,
            messages,
            moving,
            reminders,
            rides,
        )

        PROGRAM_AGENCY.append(feeds.agency_of)
        STAFFED_PROGRAMS.append(feeds.staffed_by)
        PERSONAL_ENTRIES.extend((feeds.rides_of, classes.entries_of))
        register_holding("programs", holdings.HOLDING)
        register_kind(reminders.REMINDER, still_true=reminders.is_still_so)
        register_job("announce_openings", every=timedelta(minutes=5), run=catalogue.announce_openings)
        register_job("lapse_unsigned", every=timedelta(hours=1), run=moving.lapse_unsigned)
        register_job("tell_members", every=timedelta(minutes=1), run=reminders.tell_of_changes)
        register_job("remind_participants", every=timedelta(minutes=5), run=reminders.send_reminders)
        register_kind(catalogue.OPENED, still_true=catalogue.opened_still)
        register_job("hold_draws", every=timedelta(minutes=1), run=rides.hold_due_draws)
        register_kind(messages.UPDATE, still_true=messages.is_theirs_still)
        register_kind(community.DOCKET_UPDATE, still_true=community.is_to_come)
        register_topic("docket", exists=lambda slug: Docket.objects.filter(slug=slug).exists())
        register_topic("program", exists=lambda slug: Program.objects.filter(slug=slug).exists())
