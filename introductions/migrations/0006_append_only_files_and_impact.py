from django.db import migrations

TABLES = ("introductions_attachment", "introductions_impactentry")


def guard(apps, schema_editor):
    """As in 0002: the database itself refuses to change these rows."""
    if schema_editor.connection.vendor == "postgresql":
        body = "FOR EACH ROW EXECUTE FUNCTION introductions_refuse()"
    else:
        body = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    for table in TABLES:
        schema_editor.execute(
            f"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE ON {table} {body}"
        )


def unguard(apps, schema_editor):
    for table in TABLES:
        on = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
        schema_editor.execute(f"DROP TRIGGER {table}_is_append_only{on}")


class Migration(migrations.Migration):
    dependencies = [("introductions", "0005_impact")]

    operations = [migrations.RunPython(guard, unguard)]
