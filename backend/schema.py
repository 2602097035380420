"""openapi/openapi.yaml: what the phone app may rely on, refusals included."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from backend.api import PROBLEM, TITLES, OpenToRead, Public, PublicToRead


class StaffSessionScheme(OpenApiAuthenticationExtension):
    """How the document names the staff pages' cookie."""

    target_class = "backend.accounts.authentication.StaffSession"
    name = "staffSession"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


class AppSessionScheme(OpenApiAuthenticationExtension):
    """How the document names a phone's session."""

    target_class = "backend.accounts.authentication.AppSession"
    name = "appSession"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "X-Session-Token"}


class Problem(serializers.Serializer[Any]):
    """RFC 9457. `type` is one of a few stable words that a program may act on; `detail` is for people."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = serializers.ListField(  # type: ignore[assignment]
        child=serializers.DictField(child=serializers.CharField()), required=False
    )


def problems(*statuses: int, shape: type[Problem] = Problem) -> dict[Any, Any]:
    """The refusals of a view, for `extend_schema(responses={200: ..., **problems(404, 409)})`."""
    return {(s, PROBLEM): OpenApiResponse(shape, description=TITLES[s][1]) for s in statuses}


class Schema(AutoSchema):
    """Documents the refusals that the house rules make possible, beside those a view declares."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        refusals = self._house_refusals(operation)
        if self.method == "GET" and self._is_open():
            operation["responses"]["304"] = {"description": "Not changed since the ETag that was sent"}
            refusals.add(412)
        component = self.resolve_serializer(Problem, "response")
        for status in refusals:
            operation["responses"].setdefault(
                str(status),
                {"description": TITLES[status][1], "content": {PROBLEM: {"schema": component.ref}}},
            )
        operation["responses"] = dict(sorted(operation["responses"].items()))
        return operation

    def get_auth(self) -> list[dict[str, Any]]:
        """Where anybody may come in, no credentials at all are one of the ways."""
        return [*super().get_auth(), {}] if self._is_open() else super().get_auth()

    def _is_open(self) -> bool:
        wanted = Public if self.method != "GET" else (Public, PublicToRead, OpenToRead)
        return any(isinstance(permission, wanted) for permission in self.view.get_permissions())

    def _house_refusals(self, operation: dict[str, Any]) -> set[int]:
        parameters = operation.get("parameters", [])
        refusals = set()
        if any(p["in"] == "query" for p in parameters):
            refusals |= {400}
        if any(p["in"] == "path" for p in parameters):
            refusals |= {404}
        if "requestBody" in operation:
            refusals |= {400, 413, 415}
        if not self._is_open():
            refusals |= {401, 403}
        if self.view.throttle_classes:
            refusals |= {429}
        return refusals


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 8, "maxLength": 200},
    OpenApiParameter.HEADER,
    description="A random value of the phone's; the same key and body get the first answer again.",
)
