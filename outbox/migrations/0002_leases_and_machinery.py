from django.db import migrations, models

import common.clock


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Part",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
                ("seen_at", models.DateTimeField(blank=True, null=True, verbose_name="last seen")),
                (
                    "failures",
                    models.PositiveIntegerField(default=0, verbose_name="failures in a row"),
                ),
                (
                    "rests_until",
                    models.DateTimeField(blank=True, null=True, verbose_name="rests until"),
                ),
                (
                    "last_error",
                    models.CharField(blank=True, max_length=300, verbose_name="last error"),
                ),
            ],
            options={
                "verbose_name": "part of the machinery",
                "verbose_name_plural": "machinery",
                "ordering": ["name"],
            },
        ),
        migrations.AddField(
            model_name="message",
            name="about",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Records looked at again before sending.",
                verbose_name="about",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="claimed_by",
            field=models.CharField(blank=True, max_length=80, verbose_name="claimed by"),
        ),
        migrations.AddField(
            model_name="message",
            name="code",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="answer of the mail server"
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="deaths",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="workers lost"),
        ),
        migrations.AddField(
            model_name="message",
            name="first_attempt_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="first attempt"),
        ),
        migrations.AlterField(
            model_name="message",
            name="next_attempt_at",
            field=models.DateTimeField(default=common.clock.now, verbose_name="next attempt"),
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("job", models.CharField(max_length=60, verbose_name="job")),
                ("due_at", models.DateTimeField(verbose_name="due at")),
                (
                    "claimed_at",
                    models.DateTimeField(default=common.clock.now, verbose_name="claimed at"),
                ),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done at")),
            ],
            options={
                "verbose_name": "scheduled run",
                "verbose_name_plural": "scheduled runs",
                "ordering": ["-due_at"],
                "constraints": [
                    models.UniqueConstraint(fields=("job", "due_at"), name="job_runs_once_when_due")
                ],
            },
        ),
    ]
