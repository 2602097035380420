"""What is wrong with the sending as a whole, said once until it is over."""

from django.db import transaction
from django.utils import timezone

from backend.notifications import registry
from backend.notifications.models import Alert


@transaction.atomic
def raise_alert(kind: str, detail: str) -> None:
    """Notes it and, where it is new, rings whoever registered for it. `detail` names nobody."""
    now = timezone.now()
    if Alert.objects.filter(kind=kind, over_at=None).update(seen_at=now, detail=detail):
        return
    _, created = Alert.objects.get_or_create(
        kind=kind, over_at=None, defaults={"detail": detail, "raised_at": now, "seen_at": now}
    )
    if created:
        for ring in registry.ALARMS:
            ring(kind, detail)


def clear_alert(kind: str) -> None:
    """It is over; the next time is news again."""
    Alert.objects.filter(kind=kind, over_at=None).update(over_at=timezone.now())
