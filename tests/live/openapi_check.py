"""Holds docs/api/agent.yaml against running agents, and the agents against it.

Usage: openapi_check.py DOCUMENT GOLDEN_FOLDER PLAIN_URL GUARDED_URL GUARDED_TOKEN EMPTY_URL SILENT

PLAIN_URL is an agent without a token, GUARDED_URL one that asks for it, EMPTY_URL one that has no
sample yet. SILENT is an address that never answers. Prints `ok NAME` or `FAIL NAME` lines.
"""

import copy
import http.client
import json
import sys
import threading
import time
import urllib.parse

import jsonschema
import yaml

failures = 0


def tell(name, problem):
    global failures
    if problem:
        print(f"  {problem}", file=sys.stderr)
        failures += 1
    print(f"{'FAIL' if problem else 'ok'} {name}", flush=True)


def forbid_undocumented(node):
    """Makes every object with named members refuse others: the document must name all there are."""
    if isinstance(node, dict):
        if "properties" in node and "additionalProperties" not in node:
            node["additionalProperties"] = False
        for value in node.values():
            forbid_undocumented(value)
    elif isinstance(node, list):
        for value in node:
            forbid_undocumented(value)


class Document:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.whole = yaml.safe_load(file)
        self.strict = copy.deepcopy(self.whole)
        forbid_undocumented(self.strict["components"]["schemas"])
        self.resolver = jsonschema.RefResolver("", self.strict)
        self.seen = set()

    def resolve(self, node):
        while "$ref" in node:
            node = self.resolver.resolve(node["$ref"])[1]
        return node

    def operations(self):
        for path, item in self.whole["paths"].items():
            for method, operation in item.items():
                yield path, method.upper(), operation

    def promised(self):
        return {(path, method, status) for path, method, operation in self.operations()
                for status in operation["responses"]}

    def problem_with(self, schema, value):
        validator = jsonschema.Draft202012Validator(schema, resolver=self.resolver)
        for error in validator.iter_errors(value):
            return f"{'/'.join(map(str, error.absolute_path)) or 'the answer'}: {error.message[:300]}"
        return None

    def problem_with_answer(self, method, path, answer):
        operation = self.strict["paths"][path][method.lower()]
        if str(answer.status) not in operation["responses"]:
            return f"status {answer.status} is not in the document: {answer.body[:200]}"
        self.seen.add((path, method, str(answer.status)))
        response = self.resolve(operation["responses"][str(answer.status)])
        for name, header in response.get("headers", {}).items():
            value = answer.headers.get(name)
            if value is None:
                return f"the header {name} is missing"
            if problem := self.problem_with(header["schema"], value):
                return problem
        kind = answer.headers.get("Content-Type", "").split(";")[0]
        if kind not in response["content"]:
            return f"the type {kind} is not in the document"
        if kind != "application/json":
            return None if answer.body else "the answer is empty"
        try:
            value = json.loads(answer.body)
        except ValueError as error:
            return f"no JSON: {error}"
        return self.problem_with(response["content"][kind]["schema"], value)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read().decode()


def ask(url, method, target, body=None, token=None):
    where = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=30)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        connection.request(method, target, body, headers)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def check_answers(document, urls, token, silent):
    plain, guarded, empty = urls
    port = urllib.parse.urlsplit(plain).port
    here = json.dumps({"host": "127.0.0.1", "port": port, "bytes": 100_000})
    rtt = json.dumps({"hosts": ["127.0.0.1", "no.such.host.invalid"]})

    def expect(status, url, method, target, body=None, given=None):
        path = target.split("?")[0]
        answer = ask(url, method, target, body, given)
        end = time.monotonic() + 30
        while answer.status == 429 != status and time.monotonic() < end:
            time.sleep(0.05)
            answer = ask(url, method, target, body, given)
        problem = document.problem_with_answer(method, path, answer)
        if not problem and answer.status != status:
            problem = f"status {answer.status} in place of {status}: {answer.body[:200]}"
        if not problem and answer.status != 413:
            for name in ("X-Plimsoll-Agent", "X-Plimsoll-Time-Ms"):
                if name not in answer.headers:
                    problem = f"the header {name} is missing"
        tell(f"openapi_{method}_{target}_{answer.status}", problem)
        return answer

    sampled = [path for path, _, operation in document.operations()
               if "503" in operation["responses"]]
    for path in sampled:
        expect(200, plain, "GET", path)
        expect(503, empty, "GET", path)
        if path != "/healthz":
            expect(401, guarded, "GET", path)
            expect(200, guarded, "GET", path, given=token)
    expect(200, plain, "GET", "/v1/telemetry?writable=1")
    expect(200, guarded, "GET", "/openapi.yaml")
    expect(200, guarded, "GET", "/healthz")

    for path, fine in (("/rttData", rtt), ("/v1/probe", here), ("/v1/sink", "bytes")):
        expect(401, guarded, "POST", path, fine)
        expect(413, plain, "POST", path, "x" * 2_000_000)
    for path in ("/rttData", "/v1/probe"):
        for body in ("", "<html>", "[]", '{"hosts": 5, "host": 5}'):
            expect(400, plain, "POST", path, body)
    expect(200, plain, "POST", "/v1/sink", "bytes")
    answer = expect(200, plain, "POST", "/rttData", rtt)
    reports = {report["host"]: report["packet_loss"] for report in json.loads(answer.body)}
    tell("rtt_of_those_asked_for", None if reports == {"127.0.0.1": 0, "no.such.host.invalid": 1}
         else f"the answer is {answer.body}")
    check_busy_rtt(document, plain, silent)
    check_probes(expect, urls, token, silent, here)


def check_busy_rtt(document, url, silent):
    """Four at a time are measured; the fifth is told to come later."""
    body = json.dumps({"hosts": [silent]})
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(ask(url, "POST", "/rttData", body)))
               for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    problem = next(filter(None, (document.problem_with_answer("POST", "/rttData", answer)
                                 for answer in answers)), None)
    statuses = sorted(answer.status for answer in answers)
    if not problem and statuses != [200, 200, 200, 200, 429]:
        problem = f"the statuses are {statuses}"
    tell("openapi_POST_/rttData_429", problem)


def check_probes(expect, urls, token, silent, here):
    plain, guarded, _ = urls
    port = urllib.parse.urlsplit(plain).port
    answer = expect(200, plain, "POST", "/v1/probe", here)
    measured = json.loads(answer.body)
    tell("probe_measures", None if measured.get("bytes") == 100_000 else f"it is {measured}")
    expect(429, plain, "POST", "/v1/probe", here)
    elsewhere = json.dumps({"host": "127.0.0.1", "port": port + 1})
    expect(403, plain, "POST", "/v1/probe", elsewhere)
    expect(403, guarded, "POST", "/v1/probe", json.dumps({"host": "127.0.0.1", "port": 22}), token)
    expect(502, guarded, "POST", "/v1/probe", json.dumps({"host": "127.0.0.1", "port": 1999}), token)
    expect(504, plain, "POST", "/v1/probe", json.dumps({"host": silent}))


def check_rest(document, plain, golden):
    answer = ask(plain, "GET", "/nothing")
    tell("unknown_path_is_404", None if answer.status == 404 else f"status {answer.status}")
    for path, method, _ in document.operations():
        other = "POST" if method == "GET" else "GET"
        answer = ask(plain, other, path)
        fine = answer.status == 405 and answer.headers.get("Allow") == method
        tell(f"wrong_method_{other}_{path}_405", None if fine else f"status {answer.status}")
    served = ask(plain, "GET", "/openapi.yaml")
    tell("serves_this_document",
         None if yaml.safe_load(served.body) == document.whole else "it serves another one")
    schemas = {"v1": "Telemetry", "devicedetails": "Device", "combined": "Combined",
               "containers": "LegacyContainer", "rtt": "RttReport"}
    for name, schema in schemas.items():
        with open(f"{golden}/telemetry/{name}.json", encoding="utf-8") as file:
            value = json.load(file)
        reference = {"$ref": f"#/components/schemas/{schema}"}
        if isinstance(value, list):
            reference = {"type": "array", "minItems": 1, "items": reference}
        problem = document.problem_with(reference, value)
        tell(f"golden_{name}_is_as_documented", problem)


def main():
    path, golden, plain, guarded, token, empty, silent = sys.argv[1:]
    document = Document(path)
    check_answers(document, (plain, guarded, empty), token, silent)
    check_rest(document, plain, golden)
    missing = sorted(document.promised() - document.seen)
    tell("every_documented_status_was_met", f"not met: {missing}" if missing else None)
    return 1 if failures else 0


sys.exit(main())
