"""The project's own settings, with throw-away keys and without what only slows tests down."""

import os

os.environ.setdefault("DEBUG", "0")
os.environ["SECRET_KEY"] = "tests-only-" + "x" * 50
os.environ["FIELD_KEYS"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
os.environ["INDEX_KEY"] = "tests-only-index-key"
os.environ["PUBLIC_URL"] = "https://rollcall.example"
for name in list(os.environ):
    if name.startswith(("TWILIO_", "EMAIL_")) or name == "REDIS_URL":
        del os.environ[name]

from backend.settings import *  # noqa: E402, F403
from backend.settings import DATABASES, MIDDLEWARE  # noqa: E402

ALLOWED_HOSTS = ["testserver", "rollcall.example"]
SECURE_SSL_REDIRECT = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
PASSPHRASE_HASHER = "md5"
# It scans the static files anew for every test client.
MIDDLEWARE = [name for name in MIDDLEWARE if "whitenoise" not in name]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATABASES["default"].get("OPTIONS", {}).pop("pool", None)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: threads of a test must meet in one database, as in production; runs side by side must not.
    DATABASES["default"]["TEST"] = {"NAME": str(BASE_DIR / "var" / f"test-{os.getpid()}.sqlite3")}  # noqa: F405
    DATABASES["default"]["CONN_MAX_AGE"] = 0
