from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_nobody_chose_utc"),
        ("outbox", "0005_wishes_taken_over"),
    ]

    operations = [
        migrations.RemoveField(model_name="user", name="wants_suggestions"),
    ]
