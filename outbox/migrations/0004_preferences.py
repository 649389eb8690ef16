import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import common.fields


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0003_kind_thread"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("account", "Account and sign-in"),
                    ("decision", "Decision on an application or listing"),
                    ("suggestion", "Suggestions"),
                    ("answer", "Answer to a suggestion"),
                    ("reminder", "Reminders"),
                    ("introduction", "Introduction"),
                    ("thread", "Messages and milestones"),
                    ("news", "News of programmes"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "off",
                    common.fields.CodesField(blank=True, default=list, verbose_name="switched off"),
                ),
                (
                    "frequency",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("at_once", "At once, at any hour"),
                            ("daily", "Once a day"),
                            ("weekly", "Once a week"),
                        ],
                        max_length=10,
                        verbose_name="how often new suggestions",
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Monday"),
                            (1, "Tuesday"),
                            (2, "Wednesday"),
                            (3, "Thursday"),
                            (4, "Friday"),
                            (5, "Saturday"),
                            (6, "Sunday"),
                        ],
                        default=0,
                        verbose_name="day of the week",
                    ),
                ),
                (
                    "hour",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (8, "8:00"),
                            (9, "9:00"),
                            (10, "10:00"),
                            (11, "11:00"),
                            (12, "12:00"),
                            (13, "13:00"),
                            (14, "14:00"),
                            (15, "15:00"),
                            (16, "16:00"),
                            (17, "17:00"),
                            (18, "18:00"),
                        ],
                        default=9,
                        verbose_name="hour",
                    ),
                ),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="preference",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "e-mail preference",
                "verbose_name_plural": "e-mail preferences",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("hour__gte", 8), ("hour__lte", 18), ("weekday__lte", 6)
                        ),
                        name="digest_has_a_weekday_and_an_hour_of_work",
                    )
                ],
            },
        ),
    ]
