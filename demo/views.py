"""What only a demonstration shows: the mailbox with everything that was sent."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from outbox.models import Message

PAGE = 30


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """Every e-mail of the demonstration, newest first; nothing leaves the machine."""
    rows = Message.objects.select_related("recipient")
    words = request.GET.get("q", "").strip()
    if words:
        rows = rows.filter(address__icontains=words)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "demo/mailbox.html", {"page_obj": page, "words": words})


@require_safe
def message(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "demo/message.html", {"mail": get_object_or_404(Message, pk=pk)})


@require_safe
def message_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part as a mail program would show it: in a sandbox, with inline style but no
    script.
    """
    mail = get_object_or_404(Message, pk=pk)
    response = HttpResponse(mail.html)
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
    )
    return response
