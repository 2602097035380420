from datetime import timedelta

from django.apps import AppConfig


class WorkingGroupsConfig(AppConfig):
    name = "backend.feedback.workinggroups"
    label = "workinggroups"

    def ready(self) -> None:
        from backend.accounts.holdings import register_holding
        from backend.events.models import COORDINATED_GROUPS, GROUP_WORDS
        from backend.feedback.workinggroups import holdings
        from backend.feedback.workinggroups.models import WorkingGroup
        from backend.feedback.workinggroups.services import breaking, bulletins, meetings, telling, testimony
        from backend.notifications.registry import (
            register_job,
            register_keeper,
            register_kind,
            register_topic,
        )

        COORDINATED_GROUPS.append(meetings.coordinated_by)
        GROUP_WORDS.append(meetings.refuse_telling)
        register_keeper(breaking.ids_kept_from)
        register_holding("working_groups", holdings.HOLDING)
        register_kind(breaking.KIND, still_true=breaking.is_on_record, needs_consent=False, may_halt=False)
        register_kind(bulletins.BULLETIN, still_true=bulletins.is_there_still)
        register_topic("bulletins", exists=lambda topic: topic in bulletins.TOPICS.values())
        register_topic("group", exists=lambda slug: WorkingGroup.objects.filter(slug=slug).exists())
        register_kind(telling.NEWS, still_true=lambda group_id, now: True)
        register_kind(telling.CALL, still_true=telling.is_still_open)
        register_job("announce_calls", every=timedelta(minutes=5), run=telling.announce_calls)
        register_job("testimonies", every=timedelta(days=1), run=testimony.lay_past_days_anew)
