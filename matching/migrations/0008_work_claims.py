from django.db import migrations, models

import common.clock


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0007_all_effects"),
    ]

    operations = [
        migrations.AddField(
            model_name="work",
            name="claimed_by",
            field=models.CharField(blank=True, max_length=80, verbose_name="claimed by"),
        ),
        migrations.AlterField(
            model_name="work",
            name="due_at",
            field=models.DateTimeField(default=common.clock.now, verbose_name="due at"),
        ),
    ]
