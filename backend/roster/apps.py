from django.apps import AppConfig


class RosterConfig(AppConfig):
    name = "backend.roster"
    label = "roster"

    def ready(self) -> None:
        from backend.notifications.registry import register_topic
        from backend.roster.models import Area

        register_topic("area", exists=lambda slug: Area.objects.filter(slug=slug).exists())
