"""Two promises that the database keeps itself, whoever writes to it: service, staff page, command or SQL.

A version is not published while a comment on one before it has no disposition, nor a call while one of its own has none;
and what is published is not rewritten.
SQLite drops a table's triggers when a later migration makes the table anew; tests/workinggroups/test_publishing.py
fails then, and that migration puts them back with `install`.
"""

from django.db import migrations

UNANSWERED = """
    EXISTS (
        SELECT 1 FROM workinggroups_comment c WHERE c.consultation_id = NEW.id
        AND NOT EXISTS (SELECT 1 FROM workinggroups_disposition x WHERE x.comment_id = c.id)
    )
"""
UNDISPOSED = """
    EXISTS (
        SELECT 1 FROM workinggroups_comment c
        JOIN workinggroups_consultation k ON k.id = c.consultation_id
        JOIN workinggroups_draft d ON d.id = k.draft_id
        WHERE d.group_id = NEW.group_id AND d.number < NEW.number
        AND NOT EXISTS (SELECT 1 FROM workinggroups_disposition x WHERE x.comment_id = c.id)
    )
"""
PUBLISHED = """
    EXISTS (SELECT 1 FROM workinggroups_draft d WHERE d.id = {row}.draft_id AND d.published_at IS NOT NULL)
"""
REFUSALS = {
    "undisposed": "a comment on a version before has no disposition",
    "unanswered": "a comment of the call has no disposition",
    "published": "a published version does not change",
}

SQLITE = f"""
CREATE TRIGGER workinggroups_publish BEFORE UPDATE OF published_at ON workinggroups_draft
WHEN NEW.published_at IS NOT NULL AND OLD.published_at IS NULL AND {UNDISPOSED}
BEGIN SELECT RAISE(ABORT, '{REFUSALS["undisposed"]}'); END;
CREATE TRIGGER workinggroups_publish_new BEFORE INSERT ON workinggroups_draft
WHEN NEW.published_at IS NOT NULL AND {UNDISPOSED}
BEGIN SELECT RAISE(ABORT, '{REFUSALS["undisposed"]}'); END;
CREATE TRIGGER workinggroups_call_publish BEFORE UPDATE OF published_at ON workinggroups_consultation
WHEN NEW.published_at IS NOT NULL AND OLD.published_at IS NULL AND {UNANSWERED}
BEGIN SELECT RAISE(ABORT, '{REFUSALS["unanswered"]}'); END;
CREATE TRIGGER workinggroups_section_kept BEFORE UPDATE ON workinggroups_section
WHEN {PUBLISHED.format(row="OLD")}
BEGIN SELECT RAISE(ABORT, '{REFUSALS["published"]}'); END;
CREATE TRIGGER workinggroups_section_not_added BEFORE INSERT ON workinggroups_section
WHEN {PUBLISHED.format(row="NEW")}
BEGIN SELECT RAISE(ABORT, '{REFUSALS["published"]}'); END;
CREATE TRIGGER workinggroups_draft_kept BEFORE UPDATE OF group_id, number, title, summary, published_at
ON workinggroups_draft
WHEN OLD.published_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, '{REFUSALS["published"]}'); END;
"""

POSTGRESQL = f"""
CREATE FUNCTION workinggroups_publish() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.published_at IS NOT NULL THEN
        IF (NEW.group_id, NEW.number, NEW.title, NEW.summary, NEW.published_at)
            IS DISTINCT FROM (OLD.group_id, OLD.number, OLD.title, OLD.summary, OLD.published_at) THEN
            RAISE EXCEPTION '{REFUSALS["published"]}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF NEW.published_at IS NOT NULL AND {UNDISPOSED} THEN
        RAISE EXCEPTION '{REFUSALS["undisposed"]}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER workinggroups_publish BEFORE INSERT OR UPDATE ON workinggroups_draft
FOR EACH ROW EXECUTE FUNCTION workinggroups_publish();
CREATE FUNCTION workinggroups_call_publish() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.published_at IS NOT NULL AND OLD.published_at IS NULL AND {UNANSWERED} THEN
        RAISE EXCEPTION '{REFUSALS["unanswered"]}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER workinggroups_call_publish BEFORE UPDATE ON workinggroups_consultation
FOR EACH ROW EXECUTE FUNCTION workinggroups_call_publish();
CREATE FUNCTION workinggroups_section_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {PUBLISHED.format(row="NEW")} OR TG_OP = 'UPDATE' AND {PUBLISHED.format(row="OLD")} THEN
        RAISE EXCEPTION '{REFUSALS["published"]}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER workinggroups_section_kept BEFORE INSERT OR UPDATE ON workinggroups_section
FOR EACH ROW EXECUTE FUNCTION workinggroups_section_kept();
"""
POSTGRESQL_DROP = """
DROP TRIGGER workinggroups_publish ON workinggroups_draft;
DROP TRIGGER workinggroups_call_publish ON workinggroups_consultation;
DROP TRIGGER workinggroups_section_kept ON workinggroups_section;
DROP FUNCTION workinggroups_publish();
DROP FUNCTION workinggroups_call_publish();
DROP FUNCTION workinggroups_section_kept();
"""
SQLITE_DROP = "".join(
    f"DROP TRIGGER workinggroups_{name};\n"
    for name in ("publish", "publish_new", "call_publish", "section_kept", "section_not_added", "draft_kept")
)


def install(apps, schema_editor):
    _run(schema_editor, {"postgresql": POSTGRESQL, "sqlite": SQLITE})


def remove(apps, schema_editor):
    _run(schema_editor, {"postgresql": POSTGRESQL_DROP, "sqlite": SQLITE_DROP})


def _run(schema_editor, statements):
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "postgresql":
            cursor.execute(statements["postgresql"])
            return
        # The end of each is a semicolon at the end of a line; inside them are none such.
        for statement in statements["sqlite"].split(";\n"):
            if statement.strip():
                cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("workinggroups", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
