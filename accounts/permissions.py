"""The person behind a request."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.models import User


def person(request: HttpRequest) -> User:
    """Who is signed in, for views that require it. Raises PermissionDenied when nobody is."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
