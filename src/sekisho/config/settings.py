"""Django's settings, derived from the few that an operator may give. Secure by default, nothing to switch on."""

from pathlib import Path
from typing import Any

from sekisho.config.environment import environment, postgres_parameters
from sekisho.config.keys import REGISTER_KEY_FILE as _REGISTER_KEY_FILE
from sekisho.config.keys import read_keys
from sekisho.config.logs import logging_configuration
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.trust.dsse import public_key

_ENVIRONMENT = environment()
_PACKAGE = Path(__file__).resolve().parent.parent

# The rooms of the house, highest first; discovery and the import contract follow the same order.
SEKISHO_APPS = (
    "sekisho.config",
    "sekisho.governance",
    "sekisho.network",
    "sekisho.assets",
    "sekisho.people",
    "sekisho.estate",
    "sekisho.ledgers",
    "sekisho.register",
    "sekisho.ui",
)

SEAL_KEY, _DJANGO_KEY, _REGISTER_KEY = read_keys(_ENVIRONMENT)
SECRET_KEY = _DJANGO_KEY.hex()
REGISTER_FOLDER = _ENVIRONMENT.register
INBOX_FOLDER = _ENVIRONMENT.inbox
REVIEW_FOLDER = _ENVIRONMENT.review
REGISTER_INDEX = _ENVIRONMENT.home / "index"
# Only the sequencer signs, and reads the seed for it; everybody else checks.
REGISTER_KEY_FILE = _ENVIRONMENT.keys / _REGISTER_KEY_FILE
REGISTER_PUBLIC_KEY = public_key(_REGISTER_KEY)
# Where heads of the log are kept outside this computer.
HEADS_FOLDER = _ENVIRONMENT.heads_folder
HEADS_SYSLOG = _ENVIRONMENT.heads_syslog
HEADS_CA = _ENVIRONMENT.heads_ca
WITNESS_POLICY = _ENVIRONMENT.witness_policy
BREACHED_PASSWORDS = _ENVIRONMENT.breached_passwords
FIDO_METADATA = _ENVIRONMENT.fido_metadata
FIDO_ROOT = _ENVIRONMENT.fido_root
METRICS_TOKEN_FILE = _ENVIRONMENT.metrics_token_file
TSA_URL = _ENVIRONMENT.tsa_url
TSA_ROOTS = _ENVIRONMENT.tsa_roots
DEBUG = False
ORIGIN = _ENVIRONMENT.origin
ALLOWED_HOSTS = [_ENVIRONMENT.host]
FORMER_HOST = _ENVIRONMENT.former_host
PUBLIC_PORT = _ENVIRONMENT.port
ROOT_URLCONF = "sekisho.config.urls"
WSGI_APPLICATION = "sekisho.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    *SEKISHO_APPS,
]
MIDDLEWARE = [
    "sekisho.config.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sekisho.config.middleware.RequestLog",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "sekisho.ui.display.display_middleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "sekisho.people.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "sekisho.config.middleware.ErrorTranslator",
    "sekisho.config.middleware.DenyUnmarkedViews",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "sekisho.ui.context.shell",
                "sekisho.config.context.facility",
                "sekisho.config.context.alarms",
            ]
        },
    }
]
FORM_RENDERER = "sekisho.ui.forms.FormRenderer"

if _ENVIRONMENT.database_url:
    DATABASES: dict[str, dict[str, Any]] = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            **postgres_parameters(_ENVIRONMENT.database_url),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": _ENVIRONMENT.database_file,
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                # IMMEDIATE takes the write lock at BEGIN, so no transaction fails half-way on a lock upgrade;
                # FULL keeps a committed record through a power cut.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # With recursive triggers INSERT OR REPLACE meets the triggers of append-only tables too.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                " PRAGMA recursive_triggers=ON;",
            },
        }
    }

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS: list[str] = []  # our own flows authenticate (people.services); no second way in
PASSWORD_HASHERS = ["sekisho.config.passwords.SmallArgon2Hasher"]
SESSION_ENGINE = "sekisho.people.sessions"
SESSION_COOKIE_NAME = "__Host-sekisho"
SESSION_COOKIE_AGE = 12 * 60 * 60  # absolute, one long shift
SESSION_EXPIRE_AT_BROWSER_CLOSE = True  # a ward's computer has many users; the server keeps the 12 hours all the same
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-sekisho-csrf"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "sekisho.config.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LOGIN_URL = "people:sign-in"

# The web process listens on a unix socket that only Caddy reaches, and Caddy sets this header itself.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# A host name of its own may promise HTTPS for good; for "localhost" it would bind every other program here too.
SECURE_HSTS_SECONDS = 0 if _ENVIRONMENT.host == "localhost" else 63_072_000
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

LANGUAGE_CODE = _ENVIRONMENT.language
LANGUAGES = [("ja", "日本語"), ("en", "English")]
LOCALE_PATHS = [_PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = str(FACILITY_ZONE)
STATIC_URL = "/static/"
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
LOGGING_CONFIG = None
LOGGING = logging_configuration(_ENVIRONMENT.log_format, _ENVIRONMENT.log_level)
SILENCED_SYSTEM_CHECKS: list[str] = []
