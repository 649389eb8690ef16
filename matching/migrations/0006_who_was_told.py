"""What an organisation was told so far, its members were told."""

from typing import Any

from django.db import migrations


def remember(apps: Any, schema_editor: Any) -> None:
    mentions = apps.get_model("matching", "Mention").objects
    suggestions = apps.get_model("matching", "Suggestion").objects
    members = apps.get_model("partners", "Membership").objects
    for side in ("need", "technology"):
        told = f"told_{side}_at"
        rows = suggestions.filter(**{f"{told}__isnull": False}).select_related(side)
        for row in rows.iterator():
            people = members.filter(organisation=getattr(row, side).organisation_id)
            for person in people.values_list("user", flat=True):
                mentions.get_or_create(
                    suggestion=row,
                    side=side,
                    person_id=person,
                    defaults={"at": getattr(row, told)},
                )


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0005_mentions"),
        ("partners", "0001_tables"),
    ]

    operations = [migrations.RunPython(remember, migrations.RunPython.noop)]
