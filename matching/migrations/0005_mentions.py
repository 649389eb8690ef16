import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0004_calibrate_effect"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="work",
            name="effect",
            field=models.CharField(
                choices=[
                    ("refresh_need", "Score a need against all technologies"),
                    ("refresh_technology", "Score a technology against all needs"),
                    ("rehearse", "Rehearse a policy"),
                    ("tell_organisation", "Write to an organisation about new suggestions"),
                    ("digest", "Write to a person about new suggestions"),
                ],
                max_length=20,
                verbose_name="effect",
            ),
        ),
        migrations.CreateModel(
            name="Mention",
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
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "suggestion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mentions",
                        to="matching.suggestion",
                        verbose_name="suggestion",
                    ),
                ),
            ],
            options={
                "verbose_name": "mention",
                "verbose_name_plural": "mentions",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("suggestion", "side", "person"),
                        name="person_is_told_once_of_a_suggestion",
                    )
                ],
            },
        ),
    ]
