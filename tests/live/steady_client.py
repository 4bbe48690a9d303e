"""Asks a web server again and again, a new connection each time, until a file appears.

Prints `ok` once the first answer is there, and at the end one JSON line: how many were answered, how
many connections were refused, how many failed in another way, and the longest time without an answer.
"""
import json
import os
import socket
import sys
import time

host, port, stop_file = sys.argv[1], int(sys.argv[2]), sys.argv[3]
answered = refused = failed = 0
longest = 0.0
last = time.monotonic()
end = last + 300
while time.monotonic() < end and not os.path.exists(stop_file):
    try:
        with socket.create_connection((host, port), timeout=20) as connection:
            connection.settimeout(20)
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            answer = b""
            while chunk := connection.recv(4096):
                answer += chunk
        if b"200" not in answer[:20]:
            raise OSError("no answer")
        answered += 1
        now = time.monotonic()
        longest = max(longest, now - last)
        last = now
        if answered == 1:
            print("ok", flush=True)
    except ConnectionRefusedError:
        refused += 1
    except OSError as problem:
        failed += 1
        print("failed:", problem, flush=True)
    time.sleep(0.01)
print(json.dumps({"answered": answered, "refused": refused, "failed": failed, "longest_s": round(longest, 3)}))
