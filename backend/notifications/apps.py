from datetime import timedelta

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "backend.notifications"
    label = "notifications"

    def ready(self) -> None:
        from backend.notifications import checks, upkeep  # noqa: F401
        from backend.notifications.outbox import forget_secrets, release
        from backend.notifications.registry import register_command, register_job, register_kind
        from backend.notifications.services import set_language, still_to_be_asked, try_unreachable_again

        register_kind("opt_in", still_to_be_asked, needs_consent=False)
        register_kind("digest", upkeep.still_of_use)
        register_command("LANG", set_language, is_private=False)
        register_job("release_held", every=timedelta(minutes=1), run=release)
        register_job("try_unreachable", every=timedelta(minutes=1), run=try_unreachable_again)
        register_job("forget_secrets", every=timedelta(minutes=1), run=forget_secrets)
        register_job("watch_sending", every=timedelta(minutes=5), run=upkeep.watch)
        register_job("end_doubts", every=timedelta(hours=1), run=upkeep.end_doubts)
        register_job("send_digests", every=timedelta(minutes=15), run=upkeep.send_digests)
        register_job("ask_for_news", every=timedelta(hours=1), run=upkeep.ask_for_news)
