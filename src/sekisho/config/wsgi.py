"""The WSGI application of the web process."""

import os

from django.core.wsgi import get_wsgi_application

from sekisho.config.processes.entry import enter_web_worker

enter_web_worker()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sekisho.config.settings")
application = get_wsgi_application()
