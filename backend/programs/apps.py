from django.apps import AppConfig


class ProgramsConfig(AppConfig):
    name = "backend.programs"
    label = "programs"

    def ready(self) -> None:
        from backend.notifications.registry import register_kind, register_topic
        from backend.programs.models import Program
        from backend.programs.services import messages

        register_kind(messages.UPDATE, still_true=messages.is_theirs_still)
        register_topic("program", exists=lambda slug: Program.objects.filter(slug=slug).exists())
