import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0008_work_claims"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Pause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[("need", "City"), ("technology", "Provider")],
                        max_length=10,
                        verbose_name="side",
                    ),
                ),
                ("until", models.DateField(verbose_name="until")),
                (
                    "asked_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="asked at"
                    ),
                ),
            ],
            options={
                "verbose_name": "pause",
                "verbose_name_plural": "pauses",
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[("need", "City"), ("technology", "Provider")],
                        max_length=10,
                        verbose_name="side",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                ("sent_on", models.DateField(verbose_name="sent on")),
            ],
            options={
                "verbose_name": "reminder",
                "verbose_name_plural": "reminders",
            },
        ),
        migrations.AddField(
            model_name="response",
            name="message",
            field=models.TextField(
                blank=True,
                help_text="Shown to the other side once both have accepted.",
                max_length=3000,
                verbose_name="first message",
            ),
        ),
        migrations.AddField(
            model_name="response",
            name="message_language",
            field=models.CharField(
                blank=True,
                choices=[
                    ("en", "English"),
                    ("zh-hans", "中文"),
                    ("fr", "Français"),
                    ("es", "Español"),
                    ("ru", "Русский"),
                    ("ar", "العربية"),
                ],
                max_length=10,
                verbose_name="language of the message",
            ),
        ),
        migrations.AlterField(
            model_name="work",
            name="effect",
            field=models.CharField(
                choices=[
                    ("refresh_need", "Score a need against all technologies"),
                    ("refresh_technology", "Score a technology against all needs"),
                    ("rehearse", "Rehearse a policy"),
                    ("calibrate", "Refit the level of scores from decisions"),
                    ("tell_organisation", "Write to an organisation about new suggestions"),
                    ("digest", "Write to a person about new suggestions"),
                    ("remind", "Ask again for an answer"),
                    ("expire", "End the wait for answers"),
                ],
                max_length=20,
                verbose_name="effect",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decision", "accept"),
                    models.Q(("message", ""), ("message_language", "")),
                    _connector="OR",
                ),
                name="only_an_acceptance_has_a_message",
            ),
        ),
        migrations.AddField(
            model_name="pause",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="asked by",
            ),
        ),
        migrations.AddField(
            model_name="pause",
            name="suggestion",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="pauses",
                to="matching.suggestion",
                verbose_name="suggestion",
            ),
        ),
        migrations.AddField(
            model_name="reminder",
            name="suggestion",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reminders",
                to="matching.suggestion",
                verbose_name="suggestion",
            ),
        ),
        migrations.AddConstraint(
            model_name="pause",
            constraint=models.UniqueConstraint(
                fields=("suggestion", "side"), name="side_has_one_pause"
            ),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.UniqueConstraint(
                fields=("suggestion", "side", "number"), name="reminder_is_sent_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1), ("number__lte", 2)),
                name="side_is_reminded_twice_at_most",
            ),
        ),
    ]
