"""The WSGI application of the web process."""

from django.core.wsgi import get_wsgi_application

from sekisho.config.processes.django_start import load_django
from sekisho.config.processes.entry import enter_web_worker
from sekisho.kernel import registry

enter_web_worker()
load_django()
registry.current().pages  # noqa: B018  # every address is loaded, and looked through, before the first request
application = get_wsgi_application()
