from django.db import migrations

TABLES = (
    "introductions_threadmessage",
    "introductions_milestone",
    "introductions_milestoneanswer",
)


def guard(apps, schema_editor):
    """The database itself refuses to change these rows."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION introductions_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        body = "FOR EACH ROW EXECUTE FUNCTION introductions_refuse()"
    else:
        body = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    for table in TABLES:
        schema_editor.execute(
            f"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE ON {table} {body}"
        )


def unguard(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    for table in TABLES:
        on = f" ON {table}" if postgresql else ""
        schema_editor.execute(f"DROP TRIGGER {table}_is_append_only{on}")
    if postgresql:
        schema_editor.execute("DROP FUNCTION introductions_refuse()")


class Migration(migrations.Migration):
    dependencies = [("introductions", "0001_tables")]

    operations = [migrations.RunPython(guard, unguard)]
