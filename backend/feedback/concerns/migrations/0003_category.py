from django.db import migrations, models


class Migration(migrations.Migration):
    """What can be told becomes data; the next migration gives the kinds there were before their rows."""

    dependencies = [("concerns", "0002_replies")]

    operations = [
        migrations.CreateModel(
            name="Category",
            fields=[
                ("slug", models.CharField(max_length=30, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
                (
                    "notice",
                    models.CharField(
                        blank=True, help_text="said before typing: what belongs here", max_length=400
                    ),
                ),
                (
                    "who_reads",
                    models.CharField(
                        help_text="said before typing: who reads it, and who learns who told it",
                        max_length=300,
                    ),
                ),
                (
                    "anonymity",
                    models.CharField(
                        choices=[
                            ("anyone", "with or without a name"),
                            (
                                "reachable",
                                "only with an account or a number, for it cannot be dealt with otherwise",
                            ),
                        ],
                        default="anyone",
                        max_length=10,
                    ),
                ),
                (
                    "handler_may_know",
                    models.BooleanField(
                        default=True,
                        help_text="an assigned officer learns who told it, where the reporter agrees",
                    ),
                ),
                (
                    "is_sensitive",
                    models.BooleanField(
                        default=False, help_text="liaisons alone read it, and no text is ever sent about it"
                    ),
                ),
                (
                    "is_about_police",
                    models.BooleanField(
                        default=False, help_text="walled until a civilian liaison has looked whom it is about"
                    ),
                ),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Urgent"), (2, "High"), (3, "Normal"), (4, "Low")], default=3
                    ),
                ),
                (
                    "target_hours",
                    models.PositiveSmallIntegerField(
                        default=40, help_text="business hours until it should be closed"
                    ),
                ),
                (
                    "close_after_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="without any change; empty: it is never closed by itself",
                        null=True,
                    ),
                ),
                (
                    "anonymise_after_days",
                    models.PositiveSmallIntegerField(
                        default=365, help_text="after closing: who told it is forgotten"
                    ),
                ),
                (
                    "erase_after_days",
                    models.PositiveSmallIntegerField(
                        default=730,
                        help_text="after closing: words, place and photos are erased; date, area and outcome stay",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=100)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name_plural": "categories",
                "ordering": ["position", "slug"],
            },
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.CheckConstraint(
                condition=models.Q(("anonymise_after_days__lte", models.F("erase_after_days"))),
                name="category_forgets_who_before_what",
            ),
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.CheckConstraint(
                condition=models.Q(("target_hours__gte", 1)), name="category_has_a_target"
            ),
        ),
    ]
