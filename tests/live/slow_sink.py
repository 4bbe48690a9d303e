"""An agent's place taken by a sink that is slow: slow_sink.py BYTES_PER_S PORT SILENT_PORT.

Both ports answer /healthz as an agent does. PORT takes the bodies of POST /v1/sink at that rate and
answers; SILENT_PORT takes nothing and never answers.
"""
import socket
import sys
import threading
import time


def head_of(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(4096)
        if not more:
            return None
        data += more
    head, rest = data.split(b"\r\n\r\n", 1)
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, value = line.split(b":", 1)
        if name.lower() == b"content-length":
            length = int(value)
    return head.split(b" ", 2), length, len(rest)


def serve(connection, rate):
    while (asked := head_of(connection)) is not None:
        (method, _, _), length, have = asked
        if method == b"POST" and rate == 0:
            time.sleep(600)
        while have < length:
            taken = len(connection.recv(min(8192, length - have)))
            if taken == 0:
                return
            have += taken
            time.sleep(8192 / rate)
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nX-Plimsoll-Agent: 0.1.0\r\nContent-Length: 0\r\n\r\n")


def listen(port, rate):
    listener = socket.create_server(("127.0.0.1", port))
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        threading.Thread(target=serve, args=(connection, rate), daemon=True).start()


threading.Thread(target=listen, args=(int(sys.argv[3]), 0), daemon=True).start()
listen(int(sys.argv[2]), int(sys.argv[1]))
