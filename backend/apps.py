from datetime import timedelta

from django.apps import AppConfig


class BackendConfig(AppConfig):
    """What needs several rooms at once: the lookup, the demo, `run`, `prune`."""

    name = "backend"

    def ready(self) -> None:
        from backend.notifications.registry import register_job
        from backend.prune import prune

        register_job("prune", every=timedelta(days=1), run=prune)
