"""All settings, from the environment (README, "Settings"), refusing to start where one is missing.

A checkout may keep development settings in `.env` (`make` writes one). That file is not read
when DEBUG is set in the environment, so that a deployment never borrows a checkout's keys.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import environ
import structlog
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy

from backend.storage import folder_of

BASE_DIR = Path(__file__).resolve().parent.parent

(BASE_DIR / "var").mkdir(exist_ok=True)

env = environ.Env()
if "DEBUG" not in os.environ:
    environ.Env.read_env(BASE_DIR / ".env")

# The form of the service for a developer's own machine. Django's DEBUG stays off in it: its error pages
# are not problem+json, and show what people sent.
DEVELOPMENT = env.bool("DEBUG", default=False)
DEBUG = False


def required(name: str) -> str:
    """A setting without which personal data would be unprotected. Raises ImproperlyConfigured."""
    value = env.str(name, default="").strip()
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Set it in the environment (README, 'Settings', says how to make one); "
            "for a checkout, `make run` writes a development .env."
        )
    return value


SECRET_KEY = required("SECRET_KEY")
# Fernet keys, comma-separated, newest first: the first encrypts, all decrypt.
FIELD_KEYS = [key.strip() for key in required("FIELD_KEYS").split(",")]
try:
    [Fernet(key) for key in FIELD_KEYS]
except ValueError:
    raise ImproperlyConfigured(
        "FIELD_KEYS must be Fernet keys, comma-separated; one of them is not."
    ) from None
# Key of the blind indexes by which encrypted phone numbers, e-mails and receipts are found.
INDEX_KEY = required("INDEX_KEY")

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
# Where `make run` last served, so that other commands of this checkout write the same links.
RUN_ADDRESS = BASE_DIR / "var" / "public_url"
PUBLIC_URL = env.str("PUBLIC_URL", default="").rstrip("/")
if not PUBLIC_URL:
    PUBLIC_URL = RUN_ADDRESS.read_text() if DEVELOPMENT and RUN_ADDRESS.exists() else "http://127.0.0.1:8000"
PUBLIC_HOST = urlsplit(PUBLIC_URL).hostname or "localhost"
if urlsplit(PUBLIC_URL).scheme != "https" and not PUBLIC_URL.startswith(
    tuple(f"http://{h}" for h in LOOPBACK)
):
    raise ImproperlyConfigured(
        "PUBLIC_URL must be an https:// address; plain http is for this machine alone."
    )
# How many proxies of our own stand in front; only then are forwarded headers believed (backend/api.py).
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

ALLOWED_HOSTS = [PUBLIC_HOST, *LOOPBACK] + (["*"] if DEVELOPMENT else [])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "backend.accounts.apps.StaffPagesConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",  # allauth's pages say "two minutes ago"
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "backend",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "backend.notifications",
    "backend.accounts",
    "backend.roster",
    "backend.events",
    "backend.programs",
    "backend.feedback.concerns",
    "backend.feedback.workinggroups",
]

MIDDLEWARE = [
    "backend.logs.RequestLog",
    "backend.api.Readable",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "backend.api.TrustedProxies",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "backend.accounts.sign_in.Refusals",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "backend.urls"
APPEND_SLASH = False
WSGI_APPLICATION = "backend.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- data ---------------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'rollcall.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Measured: the defaults give lock errors under load; these give none. FULL: an acknowledged
    # write survives a power cut.
    DATABASES["default"]["CONN_MAX_AGE"] = None
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000;",
    }
else:
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {"min_size": 1, "max_size": 20, "timeout": 10}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    }

# --- who is asking --------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# Of passphrases that go with receipts; it must be one of PASSWORD_HASHERS (scrypt is by default).
PASSPHRASE_HASHER = "scrypt"
AUTHENTICATION_BACKENDS = ["backend.accounts.adapters.StaffPassword"]
SESSION_ENGINE = "backend.accounts.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEVELOPMENT
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
CSRF_FAILURE_VIEW = "backend.api.forbidden"

# django-allauth. Phones speak to its headless part, staff pages to its HTML; residents' accounts begin with
# a code that was texted or mailed (backend/accounts/sign_in.py), staff accounts with an invitation.
ACCOUNT_ADAPTER = "backend.accounts.adapters.AccountAdapter"
# Addresses are encrypted and found by their blind index; its own searches must not try them.
ACCOUNT_USER_MODEL_USERNAME_FIELD = ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
# Sign-up by form is closed; without the line the sign-in form loses its password box.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# It would send mail itself, in the middle of a request; ours goes through the outbox.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
# A code of ours says itself when it ends; the step in which it is typed lasts as long as any may.
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_PHONE_VERIFICATION_TIMEOUT = 4 * 3600
ACCOUNT_LOGIN_TIMEOUT = 4 * 3600
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = ACCOUNT_PHONE_VERIFICATION_MAX_ATTEMPTS = 5
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_RATE_LIMITS = {
    # Carriers put thousands of phones behind one address: per number, not per address.
    "verify_phone": "1/30s/key",
    "login": "60/m/ip",
    # The key is the e-mail address AND where the attempt comes from (adapters.py): a stranger's failures
    # lock nobody else out.
    "login_failed": "30/5m/ip,5/5m/key",
}
HEADLESS_CLIENTS = ("app",)
HEADLESS_ADAPTER = "backend.accounts.adapters.HeadlessAdapter"
HEADLESS_TOKEN_STRATEGY = "backend.accounts.sessions.AppTokens"
MFA_ADAPTER = "backend.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Roll Call"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEVELOPMENT

# A trial of the production form on one machine says so by a plain http PUBLIC_URL.
SECURE_SSL_REDIRECT = not DEVELOPMENT and not env.str("PUBLIC_URL", default="").startswith("http:")
# A platform's own health probe asks in plain http from inside.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 0 if DEVELOPMENT else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEVELOPMENT
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

# --- HTTP -------------------------------------------------------------------------------------------

DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "backend.accounts.authentication.AppSession",
        "backend.accounts.authentication.StaffSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["backend.api.Closed"],
    "DEFAULT_RENDERER_CLASSES": ["backend.api.JSON"],
    "DEFAULT_PARSER_CLASSES": ["backend.api.JSONBody"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "backend.api.AlwaysJSON",
    "DEFAULT_PAGINATION_CLASS": "backend.api.Pages",
    "DEFAULT_SCHEMA_CLASS": "backend.schema.Schema",
    "EXCEPTION_HANDLER": "backend.api.problem_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Roll Call",
    "VERSION": "1",
    "DESCRIPTION": "Who serves my address, when I can meet them, and what became of what I told them.",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "backend.accounts.document.add_allauth",
    ],
    "SORT_OPERATION_PARAMETERS": False,
    "ENUM_NAME_OVERRIDES": {
        "EventKind": "backend.events.models.Event.Kind",
        "AreaKind": "backend.roster.models.Area.Kind",
        "EventStatus": "backend.events.models.Event.Status",
        "OccurrenceStatus": "backend.events.models.Occurrence.Status",
        "PostStatus": ["draft", "published"],
        "RegistrationStatus": "backend.events.models.Registration.Status",
        "PriorityStatus": "backend.events.models.Priority.Status",
        "CommitmentStatus": "backend.events.models.Commitment.Status",
        "CommitmentOutcome": ["kept", "partly_kept", "not_kept"],
        "OverrideStatus": "backend.events.models.OccurrenceOverride.Status",
        "ProgramKind": "backend.programs.models.Program.Kind",
        "ProgramStatus": "backend.programs.shapes.STATUSES",
        "RuleKind": "backend.programs.models.Rule.Kind",
        "ApplicationStatus": "backend.programs.models.Application.Status",
        "SignerRole": "backend.programs.models.Signature.Role",
        "SeatRole": "backend.programs.models.Seat.Role",
        "ItemKind": "backend.programs.models.RegisteredItem.Kind",
        "ItemStatus": "backend.programs.models.RegisteredItem.Status",
        "NominationStatus": "backend.programs.models.Nomination.Status",
        "ConcernStatus": "backend.feedback.concerns.models.Concern.Status",
        "AboutMeStatus": "backend.feedback.concerns.models.AboutMeRequest.Status",
        "EntryKind": "backend.programs.models.community.Entry.Kind",
        "ConsultationQuestionKind": "backend.feedback.workinggroups.models.ConsultationQuestion.Kind",
        "BulletinKind": "backend.feedback.workinggroups.models.Bulletin.Kind",
        "RecommendationStatus": "backend.feedback.workinggroups.models.Recommendation.Status",
        "CommentKind": "backend.feedback.workinggroups.models.Comment.Kind",
        "CommentIdentity": "backend.feedback.workinggroups.services.comments.IDENTITIES",
        "CommentOutcome": "backend.feedback.workinggroups.models.Disposition.Outcome",
    },
}

LANGUAGE_CODE = "en-us"
TIME_ZONE = "America/Chicago"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STORAGE_URL = env.str("STORAGE_URL", default=str(BASE_DIR / "var" / "files"))
STORAGES = {
    "default": {
        "BACKEND": "backend.storage.Folder",
        "OPTIONS": {
            "location": folder_of(STORAGE_URL),
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEVELOPMENT

UNFOLD = {
    "SITE_TITLE": "Roll Call",
    "SITE_HEADER": "Roll Call",
    "SHOW_HISTORY": False,
    "ACCOUNT": {"navigation": [{"title": "Second factor", "link": reverse_lazy("mfa_index")}]},
}

# --- texts --------------------------------------------------------------------------------------------

TWILIO_ACCOUNT_SID = env.str("TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN = env.str("TWILIO_AUTH_TOKEN", default="")
TWILIO_MESSAGING_SERVICE_SID = env.str("TWILIO_MESSAGING_SERVICE_SID", default="")
TWILIO_FROM_NUMBER = env.str("TWILIO_FROM_NUMBER", default="")
TWILIO_API_BASE_URL = env.str("TWILIO_API_BASE_URL", default="")
# While the token is changed both are good: the provider signs with either.
TWILIO_AUTH_TOKEN_OLD = env.str("TWILIO_AUTH_TOKEN_OLD", default="")
# What the carriers agreed to (a low-volume 10DLC campaign: 3.75), over all workers; 0: as fast as the provider takes.
TEXT_SEGMENTS_PER_SECOND = env.float("TEXT_SEGMENTS_PER_SECOND", default=0.0)
TEXT_SEGMENTS_A_MONTH = env.int("TEXT_SEGMENTS_A_MONTH", default=0)  # 0: no limit
TEXTS_A_DAY = env.int("TEXTS_A_DAY", default=10)  # to one person, without those they wait for
TEXT_COST = env.str("TEXT_COST", default="0.0128")  # USD a segment with the carrier's part, for estimates

# --- e-mail -------------------------------------------------------------------------------------------

# smtp+tls://user:password@host:587; without it e-mail is shown (development) or marked "not sent".
EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(env.email_url("EMAIL_URL"))
EMAIL_TIMEOUT = 5  # seconds for each step; all of them within a lease (notifications/outbox.py)
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default=f"Roll Call <roll-call@{PUBLIC_HOST}>")

# --- logs: JSON lines, a request id, nothing personal (backend/logs.py) ---------------------------------

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "backend.logs.formatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # Both would write paths, queries or numbers; backend.logs writes the route's pattern instead.
        "django.request": {"level": "CRITICAL"},
        "django.server": {"level": "WARNING"},
        "django.security": {"level": "CRITICAL"},
        "django.db.backends": {"level": "WARNING"},
        "twilio": {"level": "WARNING"},
        "urllib3": {"level": "ERROR"},
        "fontTools": {"level": "WARNING"},
        "fpdf": {"level": "ERROR"},  # it would write signs of names that the font lacks
    },
}
