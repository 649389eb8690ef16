"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "greenmatch.settings")
application = get_wsgi_application()
# With --preload every page is imported once, here; a worker that follows a dead one answers soon.
get_resolver().url_patterns  # noqa: B018 - a property that imports
