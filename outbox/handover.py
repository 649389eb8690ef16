"""The conversation with the mail server: one line, kept open for several e-mails.

MAIL and RCPT come first; whatever happens there, nothing was handed over. ``begin`` is called
just before DATA. A line that breaks after the content was sent leaves the e-mail in doubt.
"""

import re
import smtplib
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

BROKEN = (OSError, smtplib.SMTPException)
CLOSING = 421
LEADING_DOT = re.compile(rb"(?m)^\.")
MOST_ON_ONE_LINE = 100
Answer = tuple[int, bytes]


class ServerAway(Exception):
    """No e-mail can be handed over now, whoever it is for; this one was not."""

    def __init__(self, cause: str, code: int | None = None) -> None:
        super().__init__(cause)
        self.code = code


class Refused(Exception):
    """The server has answered that it does not take this e-mail, now (4xx) or ever (5xx)."""

    def __init__(self, step: str, code: int, text: str) -> None:
        super().__init__(f"{step} {code}")
        self.step, self.code, self.text = step, code, text


class InDoubt(Exception):
    """The line broke after the content: nobody can say whether the server took it."""


class Line:
    """Opened when the first e-mail needs it; a broken one is replaced for the next."""

    def __init__(self) -> None:
        self._backend: Any = get_connection()
        self._used = 0

    def __enter__(self) -> "Line":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._hang_up()

    def hand_over(self, mail: EmailMessage, begin: Callable[[], bool]) -> bool:
        """True when the server took it; False when ``begin`` says it is not ours any more."""
        if not isinstance(self._backend, EmailBackend):
            return self._give_to_backend(mail, begin)
        content = mail.message().as_bytes(linesep="\r\n")
        server = self._server()
        self._envelope(server, mail, len(content))
        if not self._ours(server, begin):
            return False
        self._content(server, content)
        return True

    def _give_to_backend(self, mail: EmailMessage, begin: Callable[[], bool]) -> bool:
        if not begin():
            return False
        try:
            taken = self._backend.send_messages([mail])
        except Exception as error:
            raise InDoubt(type(error).__name__) from error
        if not taken:
            raise Refused("DATA", 554, "not taken")
        return True

    def _server(self) -> smtplib.SMTP:
        """A line on which the server greeted us; nothing is sent in clear when TLS is wanted."""
        if self._used >= MOST_ON_ONE_LINE:
            self._hang_up()
        try:
            self._backend.open()
        except smtplib.SMTPResponseException as error:
            self._hang_up()
            raise ServerAway(
                f"{type(error).__name__} {error.smtp_code}", error.smtp_code
            ) from error
        except BROKEN as error:
            self._hang_up()
            raise ServerAway(type(error).__name__) from error
        self._used += 1
        server: smtplib.SMTP = self._backend.connection
        return server

    def _envelope(self, server: smtplib.SMTP, mail: EmailMessage, size: int) -> None:
        encoding = mail.encoding or settings.DEFAULT_CHARSET
        sender = sanitize_address(mail.from_email, encoding)
        (recipient,) = (sanitize_address(found, encoding) for found in mail.recipients())
        try:
            server.ehlo_or_helo_if_needed()
            self._check("MAIL", server.mail(sender, _options(server, size)), server)
            self._check("RCPT", server.rcpt(recipient), server)
        except smtplib.SMTPServerDisconnected as error:
            self._hang_up()
            raise ServerAway("SMTPServerDisconnected") from error
        except BROKEN as error:
            self._hang_up()
            raise ServerAway(type(error).__name__) from error

    def _ours(self, server: smtplib.SMTP, begin: Callable[[], bool]) -> bool:
        try:
            if begin():
                return True
        except Exception:
            self._hang_up()  # the server waits in the middle of an e-mail that will not come
            raise
        self._forget(server)
        return False

    def _content(self, server: smtplib.SMTP, content: bytes) -> None:
        try:
            answer = server.docmd("DATA")
        except BROKEN as error:  # the server has not seen a word of it
            self._hang_up()
            raise ServerAway(type(error).__name__) from error
        if answer[0] != 354:
            self._check("DATA", answer, server)
            raise Refused("DATA", 554, "")
        try:
            server.send(_stuffed(content))
            if server.sock:
                server.sock.settimeout(settings.OUTBOX_DATA_TIMEOUT)
            answer = server.getreply()
            if server.sock:
                server.sock.settimeout(settings.EMAIL_TIMEOUT)
        except Exception as error:
            self._hang_up()
            raise InDoubt(type(error).__name__) from error
        if not 200 <= answer[0] < 600:
            self._hang_up()
            raise InDoubt("NoReply")
        self._check("DATA", answer, server)

    def _check(self, step: str, answer: Answer, server: smtplib.SMTP) -> None:
        code, words = answer
        if 200 <= code < 300:
            return
        text = words.decode(errors="replace")[:200]
        if code == CLOSING or code < 0 or (step == "MAIL" and code < 500):
            # Not about this recipient: nothing has been said of one yet, or the line closes.
            self._hang_up()
            raise ServerAway(f"{step} {code}", code)
        self._forget(server)
        raise Refused(step, code, text)

    def _forget(self, server: smtplib.SMTP) -> None:
        """The line is clean for the next e-mail, or it is gone."""
        try:
            if server.rset()[0] == 250:
                return
        except BROKEN:
            pass
        self._hang_up()

    def _hang_up(self) -> None:
        self._used = 0
        with suppress(*BROKEN):  # a poor goodbye changes nothing
            self._backend.close()
        if isinstance(self._backend, EmailBackend):
            self._backend.connection = None


def _options(server: smtplib.SMTP, size: int) -> list[str]:
    options = [f"size={size}"] if server.has_extn("size") else []
    return [*options, "body=8bitmime"] if server.has_extn("8bitmime") else options


def _stuffed(content: bytes) -> bytes:
    """As RFC 5321 wants it: a leading dot is doubled, a line with one dot ends it."""
    body = LEADING_DOT.sub(b"..", content)
    return body + (b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")
