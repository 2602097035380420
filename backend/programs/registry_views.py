"""The bike and scooter registry over HTTP: one's own, and staff's look-up. Nobody lists what others have."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.api import Staff, checked
from backend.errors import NotFound
from backend.events.registration_views import NO_STORE, Residents
from backend.events.views import who
from backend.programs.models import RegisteredItem
from backend.programs.services import registry
from backend.schema import IDEMPOTENCY_KEY, problems
from backend.throttles import throttle

LARGEST_DECAL = 2_147_483_647  # what the column holds
LONGEST_TYPED = 100  # with its spaces and dashes


class RegistryItemIn(serializers.Serializer[Any]):
    """`decal` is the number printed on the sticker; `serial` is stamped into the frame and stays private."""

    kind = serializers.ChoiceField(choices=RegisteredItem.Kind.choices)
    decal = serializers.IntegerField(min_value=1, max_value=LARGEST_DECAL)
    serial = serializers.CharField(max_length=LONGEST_TYPED)
    make = serializers.CharField(max_length=60)
    color = serializers.CharField(max_length=40)


class RegistryItemOut(serializers.Serializer[Any]):
    """Without its owner and its serial number."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=RegisteredItem.Kind.choices)
    decal = serializers.IntegerField()
    make = serializers.CharField()
    color = serializers.CharField()
    status = serializers.ChoiceField(choices=RegisteredItem.Status.choices)


class ItemChangeOut(serializers.Serializer[Any]):
    """`words` say where a found one can be fetched."""

    action = serializers.CharField(help_text="registered, stolen, found, recovered or transferred")
    words = serializers.CharField()
    at = serializers.DateTimeField()


class MyItemOut(RegistryItemOut):
    """With its serial number as typed, and what happened to it, the oldest first."""

    serial = serializers.CharField()
    changes = ItemChangeOut(many=True)


class TransferOut(serializers.Serializer[Any]):
    """The code is shown this once; whoever enters it becomes the owner."""

    code = serializers.CharField()
    expires_at = serializers.DateTimeField()


class ClaimIn(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=40)


class RegistryLookupIn(serializers.Serializer[Any]):
    """A serial number or a decal, and why; the reason is kept in the audit trail with who asked and when."""

    serial = serializers.CharField(max_length=LONGEST_TYPED, required=False)
    decal = serializers.IntegerField(min_value=1, max_value=LARGEST_DECAL, required=False)
    reason = serializers.CharField(max_length=500)


class StrikeIn(serializers.Serializer[Any]):
    """Why; kept in the audit trail."""

    reason = serializers.CharField(max_length=500)


class ItemFoundIn(serializers.Serializer[Any]):
    """Where it can be fetched, in words that its owner reads."""

    words = serializers.CharField(max_length=300)


def mine(item: RegisteredItem) -> Response:
    return Response(MyItemOut(item).data, headers=NO_STORE)


class RegistryItems(APIView):
    permission_classes = (Residents,)

    @extend_schema(
        operation_id="registry_items_list",
        summary="My bikes and scooters",
        responses={200: RegistryItemOut(many=True)},
    )
    def get(self, request: Request) -> Response:
        items = RegisteredItem.objects.visible_to(who(request))
        return Response(RegistryItemOut(items, many=True).data, headers=NO_STORE)

    @extend_schema(
        operation_id="registry_items_create",
        summary="Register a bike or scooter with its decal",
        parameters=[IDEMPOTENCY_KEY],
        request=RegistryItemIn,
        responses={201: MyItemOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        made = registry.register_item(**checked(RegistryItemIn, request.data), by=who(request))
        where = {"Location": f"/api/v1/registry/items/{made.pk}"}
        return Response(MyItemOut(made).data, status=201, headers={**where, **NO_STORE})


class OneRegistryItem(APIView):
    """What the addresses under one item share."""

    permission_classes = (Residents,)

    def item(self, item_id: UUID) -> RegisteredItem:
        found = RegisteredItem.objects.visible_to(who(self.request)).filter(pk=item_id).first()
        if found is None:
            raise NotFound()
        return found


class RegistryItemDetail(OneRegistryItem):
    @extend_schema(
        operation_id="registry_items_retrieve",
        summary="One of my bikes and scooters, with its serial number and what happened to it",
        responses={200: MyItemOut},
    )
    def get(self, request: Request, item_id: UUID) -> Response:
        return mine(self.item(item_id))

    @extend_schema(
        operation_id="registry_items_delete",
        summary="Take one of my bikes and scooters off the registry",
        responses={204: None},
    )
    def delete(self, request: Request, item_id: UUID) -> Response:
        registry.delete_item(item=self.item(item_id), by=who(request))
        return Response(status=204)


class RegistryItemStolen(OneRegistryItem):
    @extend_schema(
        operation_id="registry_items_stolen",
        summary="Say that it was stolen; report the theft to the police, too",
        request=None,
        responses={200: MyItemOut},
    )
    def post(self, request: Request, item_id: UUID) -> Response:
        return mine(registry.report_stolen(item=self.item(item_id), by=who(request)))


class RegistryItemRecovered(OneRegistryItem):
    @extend_schema(
        operation_id="registry_items_recovered",
        summary="Say that I have it back",
        request=None,
        responses={200: MyItemOut},
    )
    def post(self, request: Request, item_id: UUID) -> Response:
        return mine(registry.report_recovered(item=self.item(item_id), by=who(request)))


class RegistryItemTransfer(OneRegistryItem):
    @extend_schema(
        operation_id="registry_items_transfer",
        summary="Get a code by which its next owner takes it over; good for 7 days, and once",
        request=None,
        responses={201: TransferOut, **problems(409)},
    )
    # Not idempotent by key: the code would be kept with the answer.
    def post(self, request: Request, item_id: UUID) -> Response:
        item, code = registry.offer_item(item=self.item(item_id), by=who(request))
        shown = TransferOut({"code": code, "expires_at": item.transfer_expires_at}).data
        return Response(shown, status=201, headers=NO_STORE)


class RegistryClaim(APIView):
    permission_classes = (Residents,)
    throttle_classes = (throttle("registry-claim", per_minute=30),)

    @extend_schema(
        operation_id="registry_claim",
        summary="Become the owner of a bike or scooter by the code of the owner before",
        request=ClaimIn,
        responses={200: MyItemOut, **problems(404, 409)},
    )
    def post(self, request: Request) -> Response:
        return mine(registry.claim_item(**checked(ClaimIn, request.data), by=who(request)))


class RegistryLookup(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="registry_lookup",
        summary="Find a bike or scooter by its serial number or decal, with a reason, audited",
        description="Never says whose it is: mark it as found, and its owner is told.",
        request=RegistryLookupIn,
        responses={200: RegistryItemOut, **problems(404)},
    )
    def post(self, request: Request) -> Response:
        found = registry.look_up(**checked(RegistryLookupIn, request.data), by=who(request))
        if found is None:
            raise NotFound("Nothing is registered under this number. Check each letter and digit.")
        return Response(RegistryItemOut(found).data, headers=NO_STORE)


class RegistryItemFound(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="registry_items_found",
        summary="Say where a found bike or scooter can be fetched; its owner is told, audited",
        request=ItemFoundIn,
        responses={200: RegistryItemOut},
    )
    def post(self, request: Request, item_id: UUID) -> Response:
        words = checked(ItemFoundIn, request.data)["words"]
        found = registry.report_found(item_id=item_id, words=words, by=who(request))
        return Response(RegistryItemOut(found).data, headers=NO_STORE)


class RegistryItemStrike(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="registry_items_strike",
        summary="Take off what somebody registered who does not have it (the registry's staff), audited",
        request=StrikeIn,
        responses={204: None},
    )
    def post(self, request: Request, item_id: UUID) -> Response:
        reason = checked(StrikeIn, request.data)["reason"]
        registry.strike_item(item_id=item_id, reason=reason, by=who(request))
        return Response(status=204)
