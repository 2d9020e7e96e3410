# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy on loopback that counts bytes, and can break or hold a transfer at a given one."""
import socket
import struct
import threading

UP, DOWN = "up", "down"  # from the client, to the client


class CuttingProxy:
    def __init__(self, port):
        self.target = ("127.0.0.1", port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.bytes = {UP: 0, DOWN: 0}
        self.limits = {}
        self.reached = threading.Event()
        self.lock = threading.Lock()
        threading.Thread(target=self.accept, daemon=True).start()

    def cut_after(self, direction, count):
        """Resets the connection that brings this byte, once."""
        self.reached.clear()
        self.limits[direction] = (self.bytes[direction] + count, True)

    def hold_after(self, direction, count):
        """The connection that brings this byte brings no other, and stays open."""
        self.reached.clear()
        self.limits[direction] = (self.bytes[direction] + count, False)

    def close(self):
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.join, args=(client,), daemon=True).start()

    def join(self, client):
        with client, socket.create_connection(self.target) as server:
            ways = [threading.Thread(target=self.forward, args=ends, daemon=True)
                    for ends in ((client, server, UP), (server, client, DOWN))]
            for way in ways:
                way.start()
            for way in ways:
                way.join()

    def admit(self, direction, piece):
        """What may pass of a piece, and what then: None, "cut" or "hold"."""
        with self.lock:
            end = None
            limit, cuts = self.limits.get(direction, (None, False))
            if limit is not None and self.bytes[direction] + len(piece) >= limit:
                piece = piece[:limit - self.bytes[direction]]
                del self.limits[direction]
                end = "cut" if cuts else "hold"
            self.bytes[direction] += len(piece)
            return piece, end

    def forward(self, source, sink, direction):
        end = None
        try:
            while end is None:
                piece = source.recv(65536)
                if not piece:
                    break
                piece, end = self.admit(direction, piece)
                sink.sendall(piece)
        except OSError:
            pass
        if end is not None:
            self.reached.set()
        if end == "hold":
            threading.Event().wait()
        for side in (source, sink):
            self.shut(side, reset=end == "cut")

    @staticmethod
    def shut(side, reset):
        try:
            if reset:
                side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            side.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
