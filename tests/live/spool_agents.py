"""Agents for spool_test.sh, and the account of what they served.

serve WORK COUNT   agents on ports of the system's choice; WORK/host.csv names them, WORK/served has
                   a line for each answer: host, its number, when it was sent (ms)
account WORK       compares WORK/served with WORK/stored.json (InfluxDB's answer) and WORK/kills (a
                   line for each time the monitor was ended: from when to when, ms); exit status 1 if
                   it does not hold. WORK/containers.json and WORK/polls.json are its answers of the
                   other points, which must be there at the times of the first

Every answer of an agent has a number of its own, as its network_drop. An answer may be missing in
the store only where it was sent within a second before the monitor was killed, and not at all
otherwise; none may be there twice.
"""

import http.server
import json
import os
import sys
import threading
import time

CONTAINERS = 5
LOST_AT_MOST_MS = 1000
SENT_TO_THE_DEAD_MS = 100


def now_ms():
    return time.time_ns() // 1_000_000


def reading(number):
    sampled = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    container = {
        "cpu_percent": number % 100 + 0.25, "cpu_ns": number * 1_000_003, "image": "shop:1",
        "memory_usage": 1_000_000 + number, "state": "running",
    }
    return {
        "version": 1, "sampled_at": sampled, "interval_s": 1, "agent_version": "test",
        "cpu": {"cores": 4, "percent": number % 100, "load1": number / 100},
        "memory": {"total": 8_000_000, "available": 4_000_000 + number},
        "filesystems": [], "disks": [], "nics": [], "facts": {}, "tx_dropped": number,
        "containers": [dict(container, id=f"{i:012x}{0:052x}", name=f"c{i}") for i in range(1, CONTAINERS + 1)],
    }


class Agent(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path != "/v1/telemetry":
            self.send_error(404)
            return
        server = self.server
        with server.lock:
            server.number += 1
            number = server.number
        body = json.dumps(reading(number)).encode()
        # Before the answer: what the monitor has must be in the list.
        os.write(server.served, f"{server.name} {number} {now_ms()}\n".encode())
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a monitor that was killed


def serve(work, count):
    served = os.open(f"{work}/served", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    rows = ["name,ip,port"]
    for i in range(1, count + 1):
        server = Server(("127.0.0.1", 0), Agent)
        server.name, server.number, server.served = f"h{i}", 0, served
        server.lock = threading.Lock()
        rows.append(f"h{i},127.0.0.1,{server.server_address[1]}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
    with open(f"{work}/host.csv.new", "w", encoding="ascii") as file:
        file.write("\n".join(rows) + "\n")
    os.rename(f"{work}/host.csv.new", f"{work}/host.csv")
    threading.Event().wait()


def read_stored(work):
    """By host, the numbers in the order of their times."""
    with open(f"{work}/stored.json", encoding="utf-8") as file:
        series = json.load(file)["results"][0]["series"]
    return {s["tags"]["host"]: [row[1] for row in s["values"]] for s in series}


def times_by_host(work, name):
    with open(f"{work}/{name}.json", encoding="utf-8") as file:
        series = json.load(file)["results"][0]["series"]
    times = {}
    for one in series:
        times.setdefault(one["tags"]["host"], []).append({row[0] for row in one["values"]})
    return times


def account_others(work, near_a_kill):
    """A poll's other points: of each container, and of the monitor itself."""
    faults, devices = [], times_by_host(work, "stored")
    for name, per_host in (("containers", CONTAINERS), ("polls", 1)):
        others = times_by_host(work, name)
        for host, (of_device,) in devices.items():
            of_others = others.get(host, [])
            if len(of_others) != per_host:
                faults.append(f"{host}: {len(of_others)} series of {name}, not {per_host}")
            for times in of_others:
                odd = [at for at in times ^ of_device if not near_a_kill(at)]
                faults += [f"{host}: {name} and the host differ at {at}" for at in odd]
    return faults


def account(work):
    stored = read_stored(work)
    with open(f"{work}/kills", encoding="ascii") as file:
        kills = [[int(word) for word in line.split()] for line in file]
    def near_a_kill(at):
        return any(since - LOST_AT_MOST_MS <= at <= until + SENT_TO_THE_DEAD_MS
                   for since, until in kills)

    faults, lost, served = account_others(work, near_a_kill), {}, 0
    with open(f"{work}/served", encoding="ascii") as file:
        lines = [line.split() for line in file]
    for host, number, at in ((h, int(n), int(t)) for h, n, t in lines):
        served += 1
        if number in stored.get(host, []):
            continue
        if not near_a_kill(at):
            faults.append(f"{host}: answer {number} is lost, far from any kill")
        lost.setdefault(host, []).append(number)
    for host, numbers in stored.items():
        if len(set(numbers)) != len(numbers):
            faults.append(f"{host}: an answer is there twice")
        if numbers != sorted(numbers):
            faults.append(f"{host}: the answers are not in their order")
    rows = sum(len(numbers) for numbers in stored.values())
    gone = sum(len(numbers) for numbers in lost.values())
    if rows + gone != served:
        faults.append(f"{served} served, {rows} stored, {gone} lost")
    print(f"note: {served} answers, {rows} stored once each, {gone} lost within a second of "
          f"{len(kills)} kills")
    for fault in faults[:20]:
        print(fault, file=sys.stderr)
    return 1 if faults or rows == 0 else 0


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2], int(sys.argv[3]))
    sys.exit(account(sys.argv[2]))
