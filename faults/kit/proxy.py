"""A line to Redis that can go dead: open at both ends, and nothing passes."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

PIECE = 65536


class Proxy:
    """Listens at once; ``target`` is the port behind it, known later."""

    def __init__(self) -> None:
        self.target = 0
        self._dead = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port: int = self._listener.getsockname()[1]
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def go_dead(self) -> None:
        """Lines stay open; what is sent on them, or on new ones, arrives nowhere."""
        self._dead.set()

    def come_back(self) -> None:
        """New lines work; those that were dead stay so, as after a router has forgotten them."""
        self._dead = threading.Event()

    def stop(self) -> None:
        for end in (self._listener, *self._ends):
            with suppress(OSError):
                end.close()

    def _listen(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            self._ends.append(near)
            threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        dead = self._dead
        if dead.is_set():
            return
        try:
            far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        self._ends.append(far)
        for source, sink in ((near, far), (far, near)):
            threading.Thread(target=_forward, args=(source, sink, dead), daemon=True).start()


def _forward(source: socket.socket, sink: socket.socket, dead: threading.Event) -> None:
    """Until one end is gone, then both are; a dead line says nothing, not even goodbye."""
    with suppress(OSError):
        while data := source.recv(PIECE):
            if dead.is_set():
                return
            sink.sendall(data)
    if not dead.is_set():
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
