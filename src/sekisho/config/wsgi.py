"""The WSGI application of the web process."""

from django.core.wsgi import get_wsgi_application

from sekisho.config.processes.django_start import load_django
from sekisho.config.processes.entry import enter_web_worker

enter_web_worker()
load_django()
application = get_wsgi_application()
