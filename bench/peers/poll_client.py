"""Polls a service every 10 ms, at its old address or its new one, and tells the longest silence.

Usage: poll_client.py OLD:PORT NEW:PORT STOP_FILE. It stays where it was answered last and tries the
other when it is not. After STOP_FILE it ends with the next answer, so that a silence that lasts is
told whole. Prints one JSON line at the end: {"answered", "downtime_s", "failed"}.
"""
import json
import os
import socket
import sys
import time

places = [(each.split(":")[0], int(each.split(":")[1])) for each in sys.argv[1:3]]
stop_file = sys.argv[3]
here = answered = failed = 0
longest = 0.0
last = None
end = time.monotonic() + 900
stopping = False
while time.monotonic() < end:
    if not stopping and os.path.exists(stop_file):
        stopping = True
        end = min(end, time.monotonic() + 60)
    try:
        with socket.create_connection(places[here], timeout=0.5) as connection:
            connection.settimeout(0.5)
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            if b"200" not in connection.recv(64):
                raise OSError("no answer")
        now = time.monotonic()
        if last is not None:
            longest = max(longest, now - last)
        last = now
        answered += 1
        if stopping:
            break
    except OSError:
        failed += 1
        here = 1 - here
    time.sleep(0.01)
print(json.dumps({"answered": answered, "downtime_s": round(longest, 3), "failed": failed}))
