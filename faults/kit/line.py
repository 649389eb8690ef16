"""A line to a server that can go dead without a word: what half-open connections are made of."""

from __future__ import annotations

import select
import socket
import threading
from types import TracebackType

PIECE = 65536
LOOK = 0.2  # seconds between two looks at whether the line still stands


class Line:
    """Context manager: forwards a port. ``cut`` stops forwarding, and nobody is told.

    What was connected when it was cut stays dead for ever; what connects after ``mend`` works.
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.target = 0
        self._dead = threading.Event()  # one for each life of the line
        self._cut = False
        self._ends = False

    def __enter__(self) -> Line:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ends = True
        self._dead.set()
        self._listener.close()

    def cut(self) -> None:
        self._cut = True
        self._dead.set()

    def mend(self) -> None:
        self._dead = threading.Event()
        self._cut = False

    def _accept(self) -> None:
        held = []  # the dead are kept open: a closed socket would say so
        while not self._ends:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            held.append(client)
            if not self._cut:
                threading.Thread(
                    target=self._forward, args=(client, self._dead, held), daemon=True
                ).start()

    def _forward(
        self, client: socket.socket, dead: threading.Event, held: list[socket.socket]
    ) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self.target), 5)
        except OSError:
            client.close()
            return
        held.append(server)
        other = {client: server, server: client}
        while not dead.is_set():
            for ready in select.select(list(other), [], [], LOOK)[0]:
                if dead.is_set():
                    return
                try:
                    piece = ready.recv(PIECE)
                    other[ready].sendall(piece)
                except OSError:
                    piece = b""
                if not piece:
                    client.close()
                    server.close()
                    return
