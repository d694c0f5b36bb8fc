"""The network between browser and server, as a proxy that can be killed: every connection is reset and nobody listens any more.

Playwright's own "offline" is not a cut network: it leaves what is on its way alone (quality.md 13.7).
"""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress

from tests.reliability.site import free_port

RESET = struct.pack("ii", 1, 0)


class Proxy:
    """Listens on a port of its own. `cut_at`: cut by itself at the next save, "before" or "after" the server has it."""

    def __init__(self, target: int) -> None:
        self.target, self.port = target, free_port()
        self.cut_at = ""
        self.was_cut = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self.start()

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        """The network is there (again), at the same address."""
        self.cut_at = ""
        self.was_cut.clear()
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(64)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """In the middle of whatever is on its way."""
        with self._lock:
            listener, self._listener = self._listener, None
            ends, self._open = self._open, set()
        for end in [*ends, *([listener] if listener else [])]:
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self.was_cut.set()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                browser, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                browser.close()
                continue
            with self._lock:
                if self._listener is not listener:
                    browser.close()
                    server.close()
                    return
                self._open |= {browser, server}
            saving = threading.Event()
            threading.Thread(target=self._up, args=(browser, server, saving), daemon=True).start()
            threading.Thread(target=self._down, args=(browser, server, saving), daemon=True).start()

    def _up(self, browser: socket.socket, server: socket.socket, saving: threading.Event) -> None:
        for data in _received(browser):
            if b"/save/ HTTP" in data:
                saving.set()
                if self.cut_at == "before":
                    self.cut()
                    return
            if not _sent(server, data):
                break
        _end(browser, server)

    def _down(self, browser: socket.socket, server: socket.socket, saving: threading.Event) -> None:
        for data in _received(server):
            if self.cut_at == "after" and saving.is_set():
                # The server has stored it and answers; nobody hears it.
                self.cut()
                return
            if not _sent(browser, data):
                break
        _end(browser, server)


def _received(end: socket.socket):  # type: ignore[no-untyped-def]
    while True:
        try:
            data = end.recv(65536)
        except OSError:
            return
        if not data:
            return
        yield data


def _sent(end: socket.socket, data: bytes) -> bool:
    try:
        end.sendall(data)
    except OSError:
        return False
    return True


def _end(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
