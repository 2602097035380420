"""A group's codebook, and what its members say that a comment or a testimony is about."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from backend.accounts.models import User
from backend.errors import Conflict, Invalid
from backend.events.services.checks import refuse_markup
from backend.feedback.workinggroups.models import (
    Comment,
    CommentTheme,
    Consultation,
    Testimony,
    TestimonyTheme,
    Theme,
    WorkingGroup,
)
from backend.feedback.workinggroups.services import access
from backend.feedback.workinggroups.services.testimony import locked
from backend.roster import editions


@transaction.atomic
def add_theme(*, group: WorkingGroup, name: str, by: User, key: str = "", description: str = "") -> Theme:
    """A new word of the codebook; its key is made of the name where none is given.

    Raises NotFound and NotAllowed (access.only_coordinators), Invalid and Conflict.
    """
    access.only_coordinators(group, by)
    refuse_markup(name, "name")
    refuse_markup(description, "description")
    key = key or slugify(name)[:60].strip("-")
    if not key:
        raise Invalid(
            "Give the theme a key of letters a to z, digits and hyphens.", field="key", code="required"
        )
    try:
        with transaction.atomic():
            theme = Theme.objects.create(group=group, key=key, name=name, description=description)
    except IntegrityError:
        raise Conflict("The codebook has a theme with this key; choose another.", type="theme-used") from None
    access.note("theme_added", group, theme, by=by)
    return theme


@transaction.atomic
def end_theme(*, theme: Theme, by: User) -> Theme:
    """It stays on what it is on, and goes on nothing more. Raises NotFound, NotAllowed and Conflict."""
    access.only_coordinators(theme.group, by)
    now = timezone.now()
    if not Theme.objects.filter(pk=theme.pk, ended_at=None).update(ended_at=now):
        raise Conflict("This theme has ended already.", type="already-ended")
    access.note("theme_ended", theme.group, theme, by=by)
    theme.ended_at = now
    return theme


@transaction.atomic
def tag_comment(*, comment: Comment, keys: Sequence[str], by: User) -> list[Theme]:
    """What the comment is about from now on, and nothing else. Raises NotFound and Invalid."""
    call = comment.consultation
    access.only_members(call.group, by)
    Comment.objects.select_for_update().only("pk").get(pk=comment.pk)
    held = CommentTheme.objects.filter(comment=comment)
    themes = _chosen(call.group, keys, set(held.values_list("theme__key", flat=True)))
    held.exclude(theme__in=themes).delete()
    CommentTheme.objects.bulk_create(
        [CommentTheme(comment=comment, theme=theme) for theme in themes], ignore_conflicts=True
    )
    access.note("comment_themes_set", call.group, comment, by=by)
    _show(call)
    return themes


@transaction.atomic
def tag_testimony(*, testimony: Testimony, keys: Sequence[str], by: User) -> list[Theme]:
    """The same of a testimony, from the day after it came: until then its day's rows are laid down anew.

    Raises NotFound, Invalid and Conflict.
    """
    call = testimony.consultation
    access.only_members(call.group, by)
    if testimony.on >= timezone.localdate():
        raise Conflict("Tag it from tomorrow on: what came today is still being mixed.", type="too-early")
    locked(call, testimony.pk)
    held = TestimonyTheme.objects.filter(testimony=testimony)
    themes = _chosen(call.group, keys, set(held.values_list("theme__key", flat=True)))
    held.exclude(theme__in=themes).delete()
    TestimonyTheme.objects.bulk_create(
        [TestimonyTheme(testimony=testimony, theme=theme) for theme in themes], ignore_conflicts=True
    )
    access.note("testimony_themes_set", call.group, testimony, by=by)
    _show(call)
    return themes


def _chosen(group: WorkingGroup, keys: Sequence[str], held: set[str]) -> list[Theme]:
    """The group's themes of these keys; an ended one only where it is there already."""
    known = {theme.key: theme for theme in Theme.objects.filter(group=group, key__in=keys)}
    for key in keys:
        if key not in known:
            raise Invalid(f"The codebook has no theme {key}.", field="themes", code="unknown")
        if known[key].ended_at is not None and key not in held:
            raise Invalid(f"The theme {key} has ended; choose another.", field="themes", code="ended")
    return sorted(known.values(), key=lambda theme: theme.key)


def _show(call: Consultation) -> None:
    """A published report counts by theme; of a call for members the public sees none, nor that it changed."""
    if call.published_at is not None and call.audience == Consultation.Audience.EVERYBODY:
        editions.bump(editions.WORKING_GROUPS)
