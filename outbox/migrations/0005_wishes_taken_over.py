"""Who wanted no suggestions by e-mail wants none now: the wish moves to its own table."""

from typing import Any

from django.db import migrations


def take_over(apps: Any, schema_editor: Any) -> None:
    people = apps.get_model("accounts", "User").objects.filter(wants_suggestions=False)
    rows = apps.get_model("outbox", "Preference").objects
    for person in people.iterator():
        rows.get_or_create(person=person, defaults={"off": ["suggestion"]})


def give_back(apps: Any, schema_editor: Any) -> None:
    rows = apps.get_model("outbox", "Preference").objects.filter(off__holds="suggestion")
    people = apps.get_model("accounts", "User").objects
    people.filter(pk__in=rows.values("person")).update(wants_suggestions=False)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_nobody_chose_utc"),
        ("outbox", "0004_preferences"),
    ]

    operations = [migrations.RunPython(take_over, give_back)]
