"""A boundary's parent is kept for each edition above it.

The column `roster_boundary.parent_id` stays in the database, for the release before this one reads it; nothing
writes it any more, and the next release drops it.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from shapely.geometry import shape

CHAIN = ("beat", "sector", "district", "precinct", "patrol_area")


def link(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Whose area shares most with each boundary, in square degrees: they are compared among neighbors alone."""
    Set, Parent = apps.get_model("roster", "BoundarySet"), apps.get_model("roster", "Parent")
    outlines = {
        s: [(b, shape(b.geometry)) for b in s.boundaries.all()] for s in Set.objects.filter(kind__in=CHAIN)
    }
    for lower, parts in outlines.items():
        for above, wholes in outlines.items():
            if above.agency_id != lower.agency_id or CHAIN.index(above.kind) <= CHAIN.index(lower.kind):
                continue
            for boundary, part in parts:
                shares = [(whole.intersection(part).area, holder.area_id) for holder, whole in wholes]
                share, area_id = max(shares, default=(0, 0))
                if share > 0:
                    Parent.objects.create(boundary=boundary, above=above, area_id=area_id)


class Migration(migrations.Migration):
    dependencies = [
        ("roster", "0004_parent"),
    ]

    operations = [
        migrations.RunPython(link, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="boundary", name="parent")]
        ),
    ]
