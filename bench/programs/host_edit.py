"""How long after an edit of host.csv a running monitor asks the new host for the first time.

host_edit.py PLIMSOLL HOSTS INTERVAL FOLDER: starts the monitor on one host, adds the others one by
one, each when the one before was asked, and prints the seconds of each edit, a line an edit.
"""
import os
import selectors
import socket
import subprocess
import sys
import time

plimsoll, hosts, interval, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
rows = ["name,ip,port"]


def listen(selector):
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    sock.listen()
    selector.register(sock, selectors.EVENT_READ)
    return sock


def edit(number, sock):
    rows.append(f"h{number},127.0.0.1,{sock.getsockname()[1]}")
    new = os.path.join(folder, "host.csv.new")
    with open(new, "w", encoding="utf-8") as file:
        file.write("\n".join(rows) + "\n")
    os.rename(new, os.path.join(folder, "host.csv"))


def asked(selector, wanted):
    """Waits for a connection to `wanted`; whatever comes is closed."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for key, _ in selector.select(1):
            key.fileobj.accept()[0].close()
            if key.fileobj is wanted:
                return time.monotonic()
    sys.exit("host_edit.py: a new host was not asked within 30 s")


with selectors.DefaultSelector() as select:
    first = listen(select)
    edit(0, first)
    with subprocess.Popen(
            [plimsoll, "--set", f"hosts={folder}/host.csv", "--set", f"data_dir={folder}/data", "--set",
             f"monitor.interval={interval}s", "monitor"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as monitor:
        try:
            asked(select, first)
            for i in range(1, hosts + 1):
                new_host = listen(select)
                since = time.monotonic()
                edit(i, new_host)
                print(f"{asked(select, new_host) - since:.4f}")
        finally:
            monitor.terminate()
