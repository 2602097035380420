from datetime import timedelta

from django.apps import AppConfig


class ConcernsConfig(AppConfig):
    name = "backend.feedback.concerns"
    label = "concerns"

    def ready(self) -> None:
        from backend.accounts.holdings import register_holding
        from backend.feedback.concerns.holdings import HOLDING
        from backend.feedback.concerns.services import (
            answering,
            escalation,
            figures,
            photos,
            readers,
            telling,
            walls,
        )
        from backend.notifications.registry import (
            register_command,
            register_handed_on,
            register_job,
            register_keeper,
            register_kind,
            register_reply,
        )

        register_holding("concerns", HOLDING)
        register_kind(telling.UPDATE, still_true=telling.is_theirs_still)
        register_kind(telling.ASKED_AGAIN, still_true=telling.is_asked_still)
        register_reply(telling.UPDATE, answering.take_reply)
        register_reply(telling.ASKED_AGAIN, answering.take_reply)
        register_keeper(walls.ids_kept_from)
        register_handed_on(telling.forget_number)
        register_job("concern_figures", every=timedelta(days=1), run=figures.publish_figures)
        register_job("concerns_asked_again", every=timedelta(hours=1), run=answering.ask_again)
        register_kind(escalation.ESCALATED, still_true=escalation.is_late_still, needs_consent=False)
        register_job("photos", every=timedelta(seconds=30), run=photos.make_ready)
        register_job("stray_files", every=timedelta(days=1), run=photos.sweep)
        register_job("concern_targets", every=timedelta(minutes=10), run=escalation.escalate_overdue)
        register_job("concern_readers", every=timedelta(hours=1), run=readers.find_readers)
        register_command("STATUS", telling.status_by_text, is_private=True, also=telling.BARE_RECEIPT)
