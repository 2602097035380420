"""What stands between an application and its place: a records check, signatures under the waiver of today."""

from collections.abc import Collection
from uuid import UUID

from backend.programs.models import Application, Rule, Screening, Signature, Waiver


def missing(application: Application) -> list[str]:
    """What stands between this application and its place: "screening", "waiver" and "guardian_waiver"."""
    return missing_of([application])[application.pk]


def missing_of(applications: Collection[Application]) -> dict[UUID, list[str]]:
    """The same of several, in as many statements as of one."""
    programs, pks = {a.program_id for a in applications}, [a.pk for a in applications]
    screened = set(
        Rule.objects.filter(program__in=programs, kind=Rule.Kind.SCREENING).values_list("program", flat=True)
    )
    cleared = set(
        Screening.objects.filter(application__in=pks, outcome=Screening.Outcome.CLEARED).values_list(
            "application", flat=True
        )
    )
    current = dict(
        Waiver.objects.filter(program__in=programs).order_by("number").values_list("program", "pk")
    )
    signed = set(Signature.objects.filter(application__in=pks).values_list("application", "waiver", "role"))
    found: dict[UUID, list[str]] = {}
    for application in applications:
        lacks = found.setdefault(application.pk, [])
        if application.program_id in screened and application.pk not in cleared:
            lacks.append("screening")
        waiver = current.get(application.program_id)
        # For a child whose guardian applies, the guardian signs.
        signs = application.is_for_self or not application.guardian_name
        if waiver and signs and (application.pk, waiver, Signature.Role.PARTICIPANT) not in signed:
            lacks.append("waiver")
        if (
            waiver
            and application.guardian_name
            and (application.pk, waiver, Signature.Role.GUARDIAN) not in signed
        ):
            lacks.append("guardian_waiver")
    return found


UNSIGNED = {"waiver", "guardian_waiver"}
WORDS_OF_MISSING = {
    "screening": "the records check",
    "waiver": "the signature under the current waiver",
    "guardian_waiver": "the guardian's signature under the current waiver",
}
