"""UTC was what everybody began with: from now on the country of the organisation decides."""

from typing import Any

from django.db import migrations


def forget(apps: Any, schema_editor: Any) -> None:
    apps.get_model("accounts", "User").objects.filter(time_zone="UTC").update(time_zone="")


def remember(apps: Any, schema_editor: Any) -> None:
    apps.get_model("accounts", "User").objects.filter(time_zone="").update(time_zone="UTC")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_time_zone_may_be_empty"),
    ]

    operations = [migrations.RunPython(forget, remember)]
