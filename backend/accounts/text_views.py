"""What one hears from us, by text and by e-mail: what is followed, in which language, when it is safe."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts import residents
from backend.accounts.models import User
from backend.accounts.views import NO_STORE, who
from backend.api import Staff, checked
from backend.errors import Invalid, NotFound
from backend.notifications import services
from backend.notifications.languages import LANGUAGES, vouched_for
from backend.notifications.models import Channel, Notice, Recipient, Subscription
from backend.notifications.phones import MAX_LENGTH, parse_phone
from backend.notifications.quiet import FROM_HOUR, UNTIL_HOUR
from backend.notifications.services import Wish
from backend.notifications.services.following import FARTHEST_REMINDER, MAX_REMINDERS, MAX_TOPICS
from backend.schema import problems

LEAST = {"urgent": Notice.Urgency.URGENT, "change": Notice.Urgency.CHANGE, "news": Notice.Urgency.NEWS}
IS_IT_RIGHT = "The last three texts did not arrive. Is this still your number, and is the phone on?"
WHY_UNUSABLE = "Texts do not reach this number. Prove it again with a sign-in code, or give another one."


class FollowIn(serializers.Serializer[Any]):
    """`at_least`: only what is so urgent; `reminders`: hours before each date."""

    topic = serializers.CharField(max_length=100, help_text="such as `area:slmpd-district-4`")
    delivery = serializers.ChoiceField(choices=Subscription.Delivery.choices, default="instant")
    at_least = serializers.ChoiceField(choices=list(LEAST), default="news")
    reminders = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=FARTHEST_REMINDER),
        default=list,
        max_length=MAX_REMINDERS,
    )


class FollowsIn(serializers.Serializer[Any]):
    """All that is followed from now on."""

    follows = serializers.ListField(child=FollowIn(), max_length=MAX_TOPICS)


class MessagesIn(serializers.Serializer[Any]):
    """How to be written to. Hours are local, within 8 to 21; nothing is sent outside them but what you ask for."""

    language = serializers.ChoiceField(choices=list(LANGUAGES), required=False)
    time_zone = serializers.CharField(max_length=40, required=False, help_text="IANA name")
    hours_from = serializers.IntegerField(min_value=FROM_HOUR, max_value=UNTIL_HOUR - 1, required=False)
    hours_until = serializers.IntegerField(min_value=FROM_HOUR + 1, max_value=UNTIL_HOUR, required=False)
    is_discreet = serializers.BooleanField(required=False, help_text="say that there is news, not what")
    never_contact = serializers.BooleanField(required=False, help_text="send nothing but sign-in codes")
    mail_instead = serializers.BooleanField(
        required=False, help_text="of texts: to my e-mail address, where a text cannot go"
    )


class MessagesOut(serializers.Serializer[Any]):
    """`consent`: none (not asked or not answered), given, stopped. `problem`: why nothing arrives, or empty."""

    channel = serializers.ChoiceField(choices=Channel.choices)
    consent = serializers.ChoiceField(choices=Recipient.ConsentState.choices)
    problem = serializers.CharField(allow_blank=True)
    language = serializers.ChoiceField(choices=list(LANGUAGES))
    is_language_in_use = serializers.BooleanField(
        help_text="false: messages come in English until its words are reviewed"
    )
    time_zone = serializers.CharField()
    hours_from = serializers.IntegerField()
    hours_until = serializers.IntegerField()
    is_discreet = serializers.BooleanField()
    never_contact = serializers.BooleanField()
    mail_instead = serializers.BooleanField()
    follows = FollowIn(many=True)


class OneChannel(APIView):
    permission_classes = (IsAuthenticated,)

    def own(self, request: Request, channel: str) -> Recipient:
        """The account's own number or address, locked. Raises NotFound where it has none."""
        user = who(request)
        residents.only_residents(user)
        address = {Channel.SMS.value: user.phone, Channel.EMAIL.value: user.email}.get(channel, "")
        if not address:
            raise NotFound("Your account has no number or address for this; add one first.")
        return services.recipient_of(address, Channel(channel))


class Messages(OneChannel):
    @extend_schema(
        operation_id="me_messages",
        summary="How I am written to",
        responses={200: MessagesOut, **problems(403)},
    )
    @transaction.atomic
    def get(self, request: Request, channel: str) -> Response:
        return Response(messages_out(self.own(request, channel)), headers=NO_STORE)

    @extend_schema(
        operation_id="me_messages_change",
        summary="Change how I am written to",
        request=MessagesIn,
        responses={200: MessagesOut, **problems(403)},
    )
    @transaction.atomic
    def patch(self, request: Request, channel: str) -> Response:
        recipient, data = self.own(request, channel), checked(MessagesIn, request.data)
        instead = data.pop("mail_instead", None)
        if data:
            recipient = services.change_recipient(recipient=recipient, **data)
        if instead is not None:
            services.mail_instead(
                recipient=recipient, email=_mail(who(request), channel) if instead else None
            )
        return Response(messages_out(recipient), headers=NO_STORE)


class Follows(OneChannel):
    @extend_schema(
        operation_id="me_follows",
        summary="What I want to hear of, instead of what I followed before",
        description="A number that has not agreed yet gets one text that asks; nothing else goes before its YES.",
        request=FollowsIn,
        responses={200: MessagesOut, **problems(403)},
    )
    @transaction.atomic
    def put(self, request: Request, channel: str) -> Response:
        recipient, data = self.own(request, channel), checked(FollowsIn, request.data)
        wishes = [
            Wish(f["topic"], f["delivery"], LEAST[f["at_least"]], tuple(f["reminders"]))
            for f in data["follows"]
        ]
        services.follow(recipient=recipient, wishes=wishes, source="account")
        recipient.refresh_from_db()
        return Response(messages_out(recipient), headers=NO_STORE)


class OptOutIn(serializers.Serializer[Any]):
    """At the word of whoever has the number: they called, wrote or came by."""

    phone = serializers.CharField(max_length=MAX_LENGTH, help_text="as people write it")
    action = serializers.ChoiceField(choices=["stop", "undo"], default="stop")
    reason = serializers.CharField(max_length=200, help_text="who called or wrote, and what they asked for")


class OptOuts(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="opt_outs_create",
        summary="Stop all texts to a number, or take back that staff stopped them",
        description="A STOP that the person sent is theirs alone to take back, by texting START.",
        request=OptOutIn,
        responses={204: None, **problems(409)},
    )
    @transaction.atomic
    def post(self, request: Request) -> Response:
        data = checked(OptOutIn, request.data)
        change = services.opt_out if data["action"] == "stop" else services.undo_opt_out
        recipient = services.recipient_of(parse_phone(data["phone"]))
        change(recipient=recipient, by=who(request), reason=data["reason"])
        return Response(status=204)


def _mail(user: User, channel: str) -> Recipient:
    if channel != Channel.SMS or not user.email:
        raise Invalid("Add an e-mail address to your account first.", field="mail_instead", code="no-email")
    return services.recipient_of(user.email, Channel.EMAIL)


def _problem(recipient: Recipient) -> str:
    if recipient.unusable_reason:
        return WHY_UNUSABLE
    return IS_IT_RIGHT if services.is_out_of_reach(recipient) else ""


def messages_out(recipient: Recipient) -> dict[str, Any]:
    """`MessagesOut` of a recipient."""
    least = {int(urgency): name for name, urgency in LEAST.items()}
    follows = recipient.subscriptions.prefetch_related("reminders").order_by("topic")
    in_use = {"en", *(language.code for language in vouched_for())}
    return {
        "channel": recipient.channel,
        "consent": recipient.consent,
        "problem": _problem(recipient),
        "language": recipient.language,
        "is_language_in_use": recipient.language in in_use,
        "time_zone": recipient.time_zone,
        "hours_from": recipient.hours_from,
        "hours_until": recipient.hours_until,
        "is_discreet": recipient.is_discreet,
        "never_contact": recipient.never_contact,
        "mail_instead": recipient.instead_id is not None,
        "follows": [
            {
                "topic": follow.topic,
                "delivery": follow.delivery,
                "at_least": least[follow.least],
                "reminders": sorted(r.hours for r in follow.reminders.all()),
            }
            for follow in follows
        ],
    }
