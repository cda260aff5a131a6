"""A proxy in front of a server that has everything happen to requests which networks do to them."""

import json
import random
import socket
import socketserver
import struct
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

_ANSWER = (
    b"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\n"
    b"Content-Length: %d\r\nConnection: close\r\n\r\n%s"
)
_BODY = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"


class Proxy(socketserver.ThreadingTCPServer):
    """Passes connections on, one request each, unless something happens to them.

    ``faults`` has the probability of each: ``busy`` (503), ``reset`` (before the server has heard of it),
    ``lost`` (the server has done it, and nobody hears), ``half`` (of the request arrives), ``cut`` (half of
    the answer arrives), ``slow``.
    """

    allow_reuse_address = daemon_threads = True
    request_queue_size = 64

    def __init__(self, server, seed, faults):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream, self.faults, self.happened = server, faults, {}
        self.random, self.lock = random.Random(seed), threading.Lock()

    @property
    def address(self):
        return f"127.0.0.1:{self.server_address[1]}"

    def draw(self):
        with self.lock:
            number = self.random.random()
            for fault, share in self.faults.items():
                number -= share
                if number < 0:
                    self.happened[fault] = self.happened.get(fault, 0) + 1
                    return fault
        return None

    def handle_error(self, request, client_address):
        pass


class _Handler(socketserver.BaseRequestHandler):
    def handle(self):
        fault = self.server.draw()
        self.request.settimeout(30)
        head, rest = self._head()
        if not head:
            return
        if fault == "busy":
            self.request.sendall(_ANSWER % (len(_BODY), _BODY))
            self.request.shutdown(socket.SHUT_WR)
            while self.request.recv(1 << 16):
                pass  # until the other side has read it
            return
        if fault == "reset":
            self._reset()
            return
        lines = [
            line for line in head.split(b"\r\n") if not line.lower().startswith((b"connection:", b"expect:"))
        ]
        host, port = self.server.upstream.split(":")
        with socket.create_connection((host, int(port)), 30) as upstream:
            upstream.sendall(b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n")
            if b"100-continue" in head.lower():
                self.request.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                if not rest:
                    rest = self.request.recv(1 << 16)
            if fault == "half":
                upstream.sendall(rest[: len(rest) // 2])
                self._reset()
                return
            upstream.sendall(rest)
            passing = threading.Thread(target=self._pass_on, args=(upstream,), daemon=True)
            passing.start()
            answer = b""
            while piece := upstream.recv(1 << 16):
                answer += piece
        if fault == "lost":
            self._reset(passing)
        elif fault == "cut":
            self.request.sendall(answer[: len(answer) // 2])
            self._reset(passing)
        elif fault == "slow":
            step = max(1, len(answer) // 4)
            for k in range(0, len(answer), step):
                self.request.sendall(answer[k : k + step])
                time.sleep(0.05)
        else:
            self.request.sendall(answer)

    def _head(self):
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self.request.recv(1 << 16)
            if not piece:
                return b"", b""
            data += piece
        head, _, rest = data.partition(b"\r\n\r\n")
        return head, rest

    def _pass_on(self, upstream):
        """The rest of the request."""
        try:
            while piece := self.request.recv(1 << 16):
                upstream.sendall(piece)
        except OSError:
            pass  # one of the two has had enough

    def _reset(self, passing=None):
        if passing is not None:
            # As long as a thread waits for more of the request, a closed connection stays open.
            self.request.shutdown(socket.SHUT_RD)
            passing.join()
        # Closed with a reset, not in good order.
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.request.close()


class Faulty:
    """A proxy in a process of its own."""

    def __init__(self, process):
        self._process = process
        self.address = process.stdout.readline().strip()

    def become(self, **faults):
        """Have other faults from now on; what has happened so far, how often."""
        self._process.stdin.write(json.dumps(faults) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def faulty(server, seed=0, **faults):
    """A proxy in front of an address."""
    command = [sys.executable, __file__, server, str(seed), json.dumps(faults)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Faulty(process)
    finally:
        process.communicate("", timeout=30)


if __name__ == "__main__":
    with Proxy(sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        print(proxy.address, flush=True)
        for line in sys.stdin:
            proxy.faults = json.loads(line)
            print(json.dumps(proxy.happened), flush=True)
        proxy.shutdown()
