import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import common.clock


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0005_wishes_taken_over"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MailEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "event_id",
                    models.CharField(
                        max_length=200, unique=True, verbose_name="identifier of the event"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("webhook", "Mail service"), ("mailbox", "Mailbox for bounces")],
                        max_length=10,
                        verbose_name="source",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("hard", "Address does not exist"),
                            ("soft", "Could not be delivered this time"),
                            ("complaint", "Reported as spam"),
                            ("delivered", "Delivered"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "message_id",
                    models.CharField(db_index=True, max_length=250, verbose_name="Message-ID"),
                ),
                ("raw", models.TextField(blank=True, verbose_name="as it came")),
                (
                    "received_at",
                    models.DateTimeField(default=common.clock.now, verbose_name="received at"),
                ),
                (
                    "next_attempt_at",
                    models.DateTimeField(default=common.clock.now, verbose_name="next attempt"),
                ),
                (
                    "processed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="processed at"),
                ),
                ("outcome", models.CharField(blank=True, max_length=60, verbose_name="outcome")),
            ],
            options={
                "verbose_name": "mail event",
                "verbose_name_plural": "mail events",
                "ordering": ["-received_at", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("processed_at__isnull", True)),
                        fields=["next_attempt_at"],
                        name="event_to_process",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Suppression",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "address_key",
                    models.CharField(max_length=64, unique=True, verbose_name="key of the address"),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("hard", "Address does not exist"),
                            ("soft", "Could not be delivered this time"),
                            ("complaint", "Reported as spam"),
                            ("delivered", "Delivered"),
                        ],
                        max_length=10,
                        verbose_name="reason",
                    ),
                ),
                (
                    "suppressed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="suppressed at"),
                ),
                (
                    "soft_bounces",
                    models.PositiveSmallIntegerField(default=0, verbose_name="soft bounces"),
                ),
                (
                    "last_bounce_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="last bounce"),
                ),
                (
                    "lifted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="lifted at"),
                ),
                (
                    "lift_reason",
                    models.CharField(blank=True, max_length=500, verbose_name="why it was lifted"),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="lifted by",
                    ),
                ),
            ],
            options={
                "verbose_name": "suppressed address",
                "verbose_name_plural": "suppressed addresses",
                "ordering": ["-suppressed_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), ("suppressed_at__isnull", True)),
                            models.Q(
                                models.Q(("reason", ""), _negated=True),
                                ("suppressed_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="suppression_has_reason_and_time",
                    )
                ],
            },
        ),
    ]
