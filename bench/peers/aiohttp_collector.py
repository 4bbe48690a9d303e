"""A collector as one writes it in an afternoon with asyncio and aiohttp: what the predecessor did.

Polls every host of host.csv at the interval, all at once, parses the JSON, makes InfluxDB line
protocol of it and writes that in batches. No limits, no spool, no statuses.
"""

import argparse
import asyncio
import csv
import json
import time

import aiohttp

BATCH_LINES = 5000


def escape(text):
    return text.replace(",", "\\,").replace(" ", "\\ ").replace("=", "\\=")


def numbers(prefix, value, out):
    """Appends name=value for each number below `value`; lists of objects by their place."""
    if isinstance(value, dict):
        for key, inner in value.items():
            numbers(f"{prefix}_{key}" if prefix else key, inner, out)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            if isinstance(inner, dict):
                numbers(f"{prefix}_{place}", inner, out)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        out.append(f"{prefix}={value}")


def lines_of(host, reading, stamp):
    containers = reading.pop("containers", [])
    fields = []
    numbers("", reading, fields)
    lines = [f"Device,host={host} {','.join(fields)} {stamp}"]
    for container in containers:
        fields = []
        numbers("", container, fields)
        tags = f"host={host},id={container['id'][:12]},name={escape(container['name'])}"
        lines.append(f"Container,{tags} {','.join(fields)} {stamp}")
    return lines


async def poll(session, host, url, lines):
    try:
        async with session.get(url) as answer:
            reading = json.loads(await answer.read())
    except (aiohttp.ClientError, asyncio.TimeoutError, json.JSONDecodeError):
        return
    lines.extend(lines_of(host, reading, int(time.time() * 1000)))


async def write(session, sink, lines):
    for start in range(0, len(lines), BATCH_LINES):
        body = "\n".join(lines[start : start + BATCH_LINES]) + "\n"
        async with session.post(sink, data=body.encode()) as answer:
            await answer.read()


async def collect(hosts, interval, sink):
    timeout = aiohttp.ClientTimeout(total=min(3.0, interval))
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        async with aiohttp.ClientSession() as writer:
            due = time.monotonic()
            while True:
                lines = []
                await asyncio.gather(*(poll(session, host, url, lines) for host, url in hosts))
                await write(writer, sink, lines)
                due = max(due + interval, time.monotonic())
                await asyncio.sleep(due - time.monotonic())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", required=True, help="host.csv: name,ip,port")
    parser.add_argument("--interval", type=float, required=True, help="seconds")
    parser.add_argument("--sink", required=True, help="URL of an InfluxDB's /write")
    options = parser.parse_args()
    with open(options.hosts, newline="", encoding="utf-8") as file:
        hosts = [
            (row["name"], f"http://{row['ip']}:{row['port']}/v1/telemetry")
            for row in csv.DictReader(file)
        ]
    asyncio.run(collect(hosts, options.interval, options.sink))


if __name__ == "__main__":
    main()
