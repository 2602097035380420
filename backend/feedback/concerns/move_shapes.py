"""What goes with a move, and what else staff send about a concern."""

from typing import Any, NamedTuple

from rest_framework import serializers

from backend.feedback.concerns.desk_shapes import PRIORITIES
from backend.feedback.concerns.models import CannedAnswer, Category, Concern, Office
from backend.feedback.concerns.triage import MOVES
from backend.notifications.languages import LANGUAGES

MOST = 5000  # characters of a letter or note
MOST_AT_ONCE = 100


class Words(NamedTuple):
    """What a move must be sent with, and what it may be."""

    needed: tuple[str, ...] = ()
    more: tuple[str, ...] = ()


WORDS = {
    "triage": Words(),
    "assign": Words(("to",), ("reason",)),
    "start": Words(),
    "refer": Words(("office",), ("note", "reference")),
    "return": Words(("outcome",)),
    "transfer": Words(("desk", "reason")),
    "merge": Words(("into",), ("reason",)),
    "close": Words(("disposition",), ("reason",)),
    "reopen": Words((), ("reason",)),
    "give_back": Words(("reason",)),
}


class MoveIn(serializers.Serializer[Any]):
    """assign needs `to`, refer `office`, return `outcome`, transfer `desk` and `reason`, merge `into`.

    close needs `disposition`, give_back `reason`. What belongs to another move is refused.
    """

    to = serializers.UUIDField(required=False, help_text="a member of staff of the concern's agency")
    office = serializers.SlugField(required=False, help_text="a slug of GET /triage/offices")
    note = serializers.CharField(max_length=MOST, required=False, help_text="for the office")
    reference = serializers.CharField(max_length=80, required=False, help_text="the office's own number")
    outcome = serializers.CharField(max_length=MOST, required=False, help_text="what the office did")
    desk = serializers.SlugField(max_length=100, required=False, help_text="the slug of the desk's area")
    into = serializers.UUIDField(required=False, help_text="the concern that stays")
    disposition = serializers.ChoiceField(choices=Concern.Disposition.choices, required=False)
    reason = serializers.CharField(max_length=500, required=False, help_text="for staff")


class OneMoveIn(MoveIn):
    """`changed_at`: of the concern as it was read; where it has changed since, nothing is done (409).

    Needed where `needs_reading` (409 `unread-words`): the move says that its reporter's words are read.
    """

    changed_at = serializers.DateTimeField(required=False)


class MovesIn(MoveIn):
    """One move for many concerns, each on its own."""

    ids = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MOST_AT_ONCE, help_text="each once"
    )
    move = serializers.ChoiceField(choices=list(MOVES))

    def validate_ids(self, ids: list[Any]) -> list[Any]:
        return list(dict.fromkeys(ids))


class MovedOut(serializers.Serializer[Any]):
    """`status` where it was moved; else the `type` of the problem that moving it alone would have answered."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Concern.Status.choices, allow_null=True)
    problem = serializers.CharField(allow_null=True)


class MovesOut(serializers.Serializer[Any]):
    results = MovedOut(many=True)


def words_of(move: str, told: dict[str, Any]) -> dict[str, Any]:
    """What goes with this move, of all that MoveIn may hold. Raises ValidationError for less and for more."""
    words = WORDS[move]
    taken = words.needed + words.more
    errors: dict[str, Any] = {name: ["The move needs this."] for name in words.needed if name not in told}
    errors |= {name: ["This goes with another move."] for name in told if name not in taken}
    if errors:
        raise serializers.ValidationError(errors)
    return told


class AcknowledgeIn(serializers.Serializer[Any]):
    """`reference`: the office's own number, if it gives one."""

    reference = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)


class SubjectsIn(serializers.Serializer[Any]):
    """`about`: members of staff; `is_described`: somebody is meant who is not identified."""

    about = serializers.ListField(child=serializers.UUIDField(), max_length=50, required=False, default=list)
    is_described = serializers.BooleanField(default=False)


class ClearIn(SubjectsIn):
    """Without anybody in it the wall comes down. `changed_at`: of the concern as it was read."""

    reason = serializers.CharField(max_length=500)
    changed_at = serializers.DateTimeField()


class SensitiveIn(serializers.Serializer[Any]):
    """Whether liaisons alone read it, and no message is sent about it. `changed_at`: of the concern as it was read."""

    is_sensitive = serializers.BooleanField()
    reason = serializers.CharField(max_length=500)
    changed_at = serializers.DateTimeField()


class ConcernPriorityIn(serializers.Serializer[Any]):
    priority = serializers.ChoiceField(choices=PRIORITIES)


class NoteIn(serializers.Serializer[Any]):
    body = serializers.CharField(max_length=MOST)


class LetterIn(serializers.Serializer[Any]):
    """One of `body` and `canned`, the id of a ready answer, which goes out as it is.

    `changed_at`: of the concern as it was read; where it has changed since, nothing is done (409). Without it new
    words of the reporter stay unread.
    """

    body = serializers.CharField(max_length=MOST, required=False)
    canned = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    language = serializers.ChoiceField(
        choices=list(LANGUAGES), required=False, help_text="of the body; the reporter's, if not given"
    )
    changed_at = serializers.DateTimeField(required=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if ("body" in data) == ("canned" in data):
            raise serializers.ValidationError("Send one of `body` and `canned`.")
        return data


class OfficeOut(serializers.ModelSerializer[Office]):
    """Where a concern can be handed to; `gives_reference`: it answers with a number to ask by."""

    class Meta:
        model = Office
        fields = ["slug", "name", "contact", "gives_reference", "verified_on"]


class OfficesOut(serializers.Serializer[Any]):
    offices = OfficeOut(many=True)


class CannedQueryIn(serializers.Serializer[Any]):
    """`category`: the answers of that one and those of any."""

    language = serializers.CharField(max_length=8, required=False)
    category = serializers.CharField(max_length=30, required=False)


class CannedAnswerIn(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=80)
    category = serializers.CharField(max_length=30, required=False, allow_null=True, default=None)
    language = serializers.ChoiceField(choices=list(LANGUAGES), required=False, default="en")
    body = serializers.CharField(max_length=1000)

    def validate_category(self, slug: str | None) -> Category | None:
        category = Category.objects.filter(pk=slug).first() if slug else None
        if slug and category is None:
            raise serializers.ValidationError("There is no such category.", code="does_not_exist")
        return category


class CannedAnswerChangeIn(CannedAnswerIn):
    """Only what changes; an ended answer is offered no more."""

    is_ended = serializers.BooleanField(required=False)


class CannedAnswerOut(serializers.ModelSerializer[CannedAnswer]):
    """`category` is null for what fits any."""

    is_ended = serializers.SerializerMethodField()

    class Meta:
        model = CannedAnswer
        fields = ["id", "title", "category", "language", "body", "is_ended"]

    def get_is_ended(self, answer: CannedAnswer) -> bool:
        return answer.ended_at is not None


class CannedAnswersOut(serializers.Serializer[Any]):
    canned_answers = CannedAnswerOut(many=True)
