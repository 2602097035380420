from datetime import timedelta

from django.apps import AppConfig


class BackendConfig(AppConfig):
    """What needs several rooms at once: the lookup, commands by text, the demo, `run`, `prune`."""

    name = "backend"

    def ready(self) -> None:
        from backend import cleanup_sites, text_commands
        from backend.accounts.holdings import register_holding
        from backend.notifications.registry import register_command, register_job
        from backend.prune import prune

        register_holding("cleanup_sites", cleanup_sites.HOLDING)
        register_command("BEAT", text_commands.beat, is_private=True)
        register_command("NEXT", text_commands.next_dates, is_private=True)
        register_command("FOLLOW", text_commands.follow, is_private=True)
        register_job("prune", every=timedelta(days=1), run=prune)
