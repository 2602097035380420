"""What the desk's buttons ask for. Rules are the services'; here is what can be typed and chosen."""

from typing import Any

from django import forms
from django.utils import timezone

from backend.feedback.concerns.models import CannedAnswer, Category, Concern, LegalHold, Office, Redaction
from backend.feedback.concerns.move_shapes import MOST
from backend.feedback.concerns.plain import places_of
from backend.feedback.concerns.services import liaisons
from backend.feedback.concerns.services.redaction import (
    BLACK,
    Passage,
    masked_answers,
    masked_body,
    masked_description,
    texts_of,
)
from backend.notifications.languages import LANGUAGES
from backend.roster.index import current, geography
from backend.roster.models import Area, StaffMember

Choices = list[tuple[str, str]]
MOST_ALIKE = 50
CHOOSE = ("", "Choose")


class DeskForm(forms.Form):
    """Under one button, for one concern; `fill` sets what can be chosen for it."""

    def __init__(self, data: Any = None, *, act: str, concern: Concern, user: Any) -> None:
        super().__init__(data, auto_id=f"{act}-%s", label_suffix="")
        self.fill(concern, user)

    def fill(self, concern: Concern, user: Any) -> None:
        """Nothing to choose."""

    def offer(self, name: str, choices: Choices) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]


def lines(label: str, **kwargs: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea({"rows": 4}), **kwargs)


def why(label: str = "Why, for staff", *, required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, max_length=500, required=required)


class ReasonForm(DeskForm):
    reason = why("Why; it is on record", required=True)


class SensitiveForm(ReasonForm):
    is_sensitive = True

    def clean(self) -> dict[str, Any]:
        return {**(super().clean() or {}), "is_sensitive": self.is_sensitive}


class NotSensitiveForm(SensitiveForm):
    is_sensitive = False


class OptionalReasonForm(DeskForm):
    reason = why()


class AssignForm(DeskForm):
    to = forms.ModelChoiceField(StaffMember.objects.select_related("user"), label="To whom")
    reason = why()

    def fill(self, concern: Concern, user: Any) -> None:
        """Who serves in the area, at the desk, or above one of them, by where."""
        people: dict[str, Choices] = {}
        on = timezone.localdate()
        for area in chain_of(concern):
            serving = {post.staff_member for post in current().people(area, on) if post.staff_member.user_id}
            people[area.name] = sorted(((str(m.pk), str(m)) for m in serving), key=lambda choice: choice[1])
        self.fields["to"].widget.choices = [CHOOSE, *(item for item in people.items() if item[1])]


def chain_of(concern: Concern) -> list[Area]:
    """The areas of its place and its desk and all above, each once."""
    on = timezone.localdate()
    areas = [area for area in (concern.area, concern.desk) if area]
    return list(dict.fromkeys(a for area in areas for a in (area, *geography().above(area, on))))


class ReferForm(DeskForm):
    office = forms.ModelChoiceField(
        Office.objects.filter(ended_at=None),
        to_field_name="slug",
        label="To which office",
        empty_label="Choose",
    )
    reference = forms.CharField(label="Its number, where it gave one", max_length=80, required=False)
    note = lines("For the office", max_length=MOST, required=False)


class ReturnForm(DeskForm):
    outcome = lines("What the office did, in its words", max_length=MOST)


class AcknowledgeForm(DeskForm):
    reference = forms.CharField(label="Its number, if it gives one", max_length=80, required=False)


class TransferForm(DeskForm):
    desk = forms.ModelChoiceField(Area.objects.all(), to_field_name="slug", label="To the desk of")
    reason = why(required=True)

    def fill(self, concern: Concern, user: Any) -> None:
        """Areas that have a liaison today."""
        posts = liaisons.posts(timezone.localdate())
        areas = Area.objects.filter(pk__in=posts.values("area")).select_related("agency")
        self.fields["desk"].widget.choices = [CHOOSE, *((area.slug, str(area)) for area in areas)]


class MergeForm(DeskForm):
    into = forms.ModelChoiceField(
        Concern.objects.none(),
        label="It is the same as",
        help_text="The latest of this category in this area that you see; this one is closed as a duplicate.",
    )
    reason = why()

    def fill(self, concern: Concern, user: Any) -> None:
        """Among what the person sees."""
        seen = Concern.objects.visible_to(user).exclude(pk=concern.pk).filter(merged_into=None)
        self.fields["into"].queryset = seen  # type: ignore[attr-defined]
        alike = seen.filter(category=concern.category_id, area=concern.area_id).prefetch_related("redactions")
        alike = alike.order_by("-submitted_at")[:MOST_ALIKE]
        self.fields["into"].widget.choices = [CHOOSE, *((str(one.pk), _line(one)) for one in alike)]


def _line(concern: Concern) -> str:
    told = timezone.localtime(concern.submitted_at)
    return f"{told:%b} {told.day}: {masked_description(concern)[:70]}"


class CloseForm(DeskForm):
    disposition = forms.ChoiceField(
        label="How it ended",
        choices=[(value, label.capitalize()) for value, label in Concern.Disposition.choices],
        widget=forms.RadioSelect,
    )
    reason = why()


class SubjectsForm(DeskForm):
    """Puts a concern behind the wall."""

    about = forms.CharField(
        label="About whom",
        required=False,
        max_length=500,
        help_text="Badge numbers or full names, with commas between. They and their command are kept away.",
    )
    is_described = forms.BooleanField(
        label="Somebody is described who is not identified; the command of the place is kept away",
        required=False,
    )

    def clean_about(self) -> list[StaffMember]:
        names = [name.strip() for name in self.cleaned_data["about"].split(",") if name.strip()]
        return [self._member(name) for name in dict.fromkeys(names)]

    def _member(self, name: str) -> StaffMember:
        found = StaffMember.objects.filter(badge_number=name) or StaffMember.objects.filter(name__iexact=name)
        if len(found) != 1:
            many = "several; say the badge number" if found else "nobody of the roster"
            raise forms.ValidationError(f"{name}: {many}.")
        return found[0]


class ClearForm(SubjectsForm):
    """A civilian liaison says about whom a walled one is."""

    is_about_nobody = forms.BooleanField(
        label="It is about nobody of the police; the wall comes down", required=False
    )
    reason = why("Why; it is on record", required=True)

    def fill(self, concern: Concern, user: Any) -> None:
        noted = [subject.staff_member for subject in concern.subjects.select_related("staff_member")]
        names = dict.fromkeys(member.badge_number or member.name for member in noted if member)
        self.fields["about"].initial = ", ".join(names)
        self.fields["is_described"].initial = None in noted

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        is_about_nobody = cleaned.pop("is_about_nobody", False)
        if "about" in cleaned and is_about_nobody == bool(cleaned["about"] or cleaned["is_described"]):
            self.add_error(None, "Say about whom it is, or that it is about nobody of the police.")
        return cleaned


class CannedSelect(forms.Select):
    """Each answer with its words, for the script that copies them."""

    words: dict[str, str] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["data-words"] = self.words.get(str(value), "")
        return option


class LetterForm(DeskForm):
    canned = forms.ModelChoiceField(
        CannedAnswer.objects.filter(ended_at=None),
        label="A ready answer",
        required=False,
        widget=CannedSelect,
    )
    language = forms.ChoiceField(label="Language")
    body = lines("To who told it", max_length=MOST, required=False)

    def fill(self, concern: Concern, user: Any) -> None:
        """Ready answers of the category and of any, those in the reporter's language first."""
        self.offer("language", [(language.code, language.name) for language in LANGUAGES.values()])
        self.fields["language"].initial = concern.language
        fitting = [
            answer
            for answer in CannedAnswer.objects.filter(ended_at=None)
            if answer.category_id in (None, concern.category_id)
        ]
        fitting.sort(key=lambda answer: answer.language != concern.language)
        widget: Any = self.fields["canned"].widget
        widget.choices = [("", "None"), *((str(answer.pk), str(answer)) for answer in fitting)]
        widget.words = {str(answer.pk): answer.body for answer in fitting}
        widget.attrs["data-fills"] = "letter-body"

    def clean(self) -> dict[str, Any]:
        """Without a script the ready answer goes out as it is."""
        cleaned = super().clean() or {}
        canned = cleaned.pop("canned", None)
        if canned and not cleaned.get("body"):
            cleaned |= {"body": canned.body, "language": canned.language}
        if not cleaned.get("body"):
            self.add_error("body", "Write something, or choose a ready answer.")
        return cleaned


class NoteForm(DeskForm):
    body = lines("For staff", max_length=MOST)


class PriorityForm(DeskForm):
    priority = forms.TypedChoiceField(
        label="How urgent", choices=Category.Priority.choices, coerce=int, widget=forms.RadioSelect
    )

    def fill(self, concern: Concern, user: Any) -> None:
        self.fields["priority"].initial = concern.priority


# --- the record -------------------------------------------------------------------------------------------

AROUND = 24  # characters on each side that say which mask is meant


class RedactForm(DeskForm):
    """Words as they are typed or copied from the page; where they stand is found here."""

    words = forms.CharField(
        label="Which words",
        max_length=MOST,
        widget=forms.Textarea({"rows": 2}),
        help_text="Typed, or copied from this page. The first place where they stand is masked.",
    )
    everywhere = forms.BooleanField(label="Everywhere in what was told, answers and replies", required=False)
    provision = forms.CharField(
        label="The law that closes them", max_length=200, help_text="Such as RSMo 610.021."
    )

    def fill(self, concern: Concern, user: Any) -> None:
        self.concern = concern

    def clean_words(self) -> str:
        words: str = self.cleaned_data["words"]
        if BLACK in words:
            raise forms.ValidationError(f"{BLACK} is masked already; give the words beside it.")
        return words

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        words = cleaned.pop("words", "")
        passage = _passage_of(self.concern, words) if words else None
        if passage:
            return {**cleaned, **passage._asdict()}
        if words:
            self.add_error("words", "These words are neither in what was told nor in an answer or a reply.")
        return cleaned


def _passage_of(concern: Concern, words: str) -> Passage | None:
    """The first place where readers see these words, however they are written there (plain.places_of)."""
    for reply, question, text in texts_of(concern, masked=True):
        for start, end in places_of(words, text):
            return Passage(reply, question, start, end)
    return None


class LiftForm(DeskForm):
    redaction = forms.ModelChoiceField(
        Redaction.objects.none(),
        label="Which mask; what is under it is for all readers again",
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "This mask is off already."},
    )

    def fill(self, concern: Concern, user: Any) -> None:
        masks = concern.redactions.select_related("photo", "reply")
        photos = [photo.pk for photo in concern.photos.all()]
        self.fields["redaction"].queryset = masks  # type: ignore[attr-defined]
        self.fields["redaction"].widget.choices = [
            (str(mask.pk), f"{_masked(concern, mask, photos)} ({mask.provision})") for mask in masks
        ]


def _masked(concern: Concern, mask: Redaction, photos: list[Any]) -> str:
    """Where a mask is, as readers see it."""
    if mask.photo:
        return f"A box in photo {photos.index(mask.photo_id) + 1}"
    start, end = mask.start or 0, mask.end or 0
    if mask.question:
        where, text = "In an answer", masked_answers(concern).get(mask.question, "")
    elif mask.reply:
        where, text = "In a reply", masked_body(concern, mask.reply)
    else:
        where, text = "In what was told", masked_description(concern)
    return f"{where}: …{text[max(start - AROUND, 0) : end + AROUND]}…"


class EndHoldForm(ReasonForm):
    """The one that was in force on the page."""

    hold = forms.ModelChoiceField(LegalHold.objects.none(), widget=forms.HiddenInput)

    def fill(self, concern: Concern, user: Any) -> None:
        self.fields["hold"].queryset = concern.holds.all()  # type: ignore[attr-defined]
        self.fields["hold"].initial = concern.holds.filter(ended_at=None).first()
