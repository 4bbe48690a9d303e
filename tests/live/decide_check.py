"""Talks with `plimsoll decide` and holds both sides against docs/api/decide.schema.json.

Usage: decide_check.py SCHEMA GOLDEN_FOLDER PLIMSOLL

A step is sent only when the step before is answered, so an answer that is not flushed hangs here
until the time-out. Exit status: 0 all holds, 1 something does not, which standard error tells.
"""

import copy
import json
import pathlib
import random
import select
import subprocess
import sys

import jsonschema

ANSWER_WITHIN_S = 60


class Schema:
    def __init__(self, path):
        self.whole = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(self.whole)

    def part(self, name):
        schema = copy.deepcopy(self.whole)
        del schema["oneOf"]
        schema["$ref"] = f"#/$defs/{name}"
        return jsonschema.Draft202012Validator(schema)

    def check(self, name, value):
        errors = [error.message for error in self.part(name).iter_errors(value)]
        if errors:
            raise AssertionError(f"{name} {json.dumps(value)[:200]}: {errors[:3]}")

    def refuses(self, name, value):
        if self.part(name).is_valid(value):
            raise AssertionError(f"the schema takes as {name} what we refuse: {value}")


class Talk:
    def __init__(self, program, schema, first):
        self.schema = schema
        self.process = subprocess.Popen(
            [program, "decide"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        schema.check("first_line", first)
        self.place = {c["name"]: c["host"] for c in first.get("containers", [])}
        self.tell(json.dumps(first))

    def tell(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def ask(self, line):
        self.tell(line)
        ready, _, _ = select.select([self.process.stdout], [], [], ANSWER_WITHIN_S)
        if not ready:
            raise AssertionError(f"no answer to {line[:200]}")
        answer = json.loads(self.process.stdout.readline())
        self.schema.check("answer", answer)
        return answer

    def step(self, step):
        self.schema.check("step", step)
        answer = self.ask(json.dumps(step))
        if "error" in answer:
            raise AssertionError(answer["error"])
        self.place.update(step.get("placement", {}))
        for move in answer["moves"]:
            if self.place[move["container"]] != move["from"] or move["from"] == move["to"]:
                raise AssertionError(f"{move} but it is on {self.place[move['container']]}")
            self.place[move["container"]] = move["to"]
        return answer["moves"]

    def end(self):
        out, err = self.process.communicate(timeout=ANSWER_WITHIN_S)
        if out or err or self.process.returncode != 0:
            raise AssertionError(f"at the end: {out} {err} {self.process.returncode}")


def made_up_fleet(rand):
    hosts = [{"name": f"h{i}", "cpu": 3720 + 1600 * (i % 2), "memory_bytes": 1e10} for i in range(30)]
    containers = []
    for i in range(300):
        container = {"name": f"c{i}", "host": f"h{rand.randrange(30)}", "move_bytes": rand.randrange(10**9)}
        if rand.random() < 0.1:
            container["plimsoll.move"] = rand.choice(["never", "ask", "auto"])
        if rand.random() < 0.1:
            container["ports"] = [rand.choice([80, {"port": 53, "protocol": "udp"}])]
        containers.append(container)
    return {"policy": {"line": {"cpu": 80}}, "hosts": hosts, "containers": containers}


def long_conversation(program, schema, seed, shuffle):
    rand = random.Random(seed)
    first = made_up_fleet(rand)
    names = [container["name"] for container in first["containers"]]
    level = {name: rand.random() for name in names}
    if shuffle:
        random.Random(seed + 1).shuffle(first["containers"])
        first["hosts"].reverse()
    talk = Talk(program, schema, first)
    told = []
    held = {}
    for k in range(80):
        for name in names:
            level[name] = min(1, max(0, level[name] + rand.uniform(-0.2, 0.2)))
        use = {name: {"cpu": 640 * level[name], "memory_bytes": 10**8} for name in names}
        if shuffle:
            use = dict(reversed(list(use.items())))
        moves = talk.step({"time": 300 * k, "containers": use, "placement": held})
        told.append([(move["container"], move["from"], move["to"]) for move in moves])
        # Every third move fails.
        held = {move["container"]: move["from"] for i, move in enumerate(moves) if i % 3 == 2}
    talk.end()
    if not any(told):
        raise AssertionError("nothing was moved, so nothing was tried")
    return told


def golden(program, schema, path):
    """Lines that the program takes hold to the schema, lines that it refuses for their form do not."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    talk = Talk(program, schema, json.loads(lines[0]))
    for line in lines[1:]:
        answer = talk.ask(line)
        try:
            step = json.loads(line)
        except ValueError:
            assert "error" in answer, line
            continue
        if "error" not in answer:
            schema.check("step", step)
        elif "must be a" in answer["error"]:
            schema.refuses("step", step)
    talk.end()


def long_line(program, schema):
    talk = Talk(program, schema, {"hosts": []})
    answer = talk.ask('{"time":1,"x":"' + "y" * (65 << 20) + '"}')
    assert "longer than 64 MiB" in answer["error"], answer
    assert talk.ask('{"time":2}') == {"moves": []}
    brackets = talk.ask('{"time":3,"x":[' + "[]," * (20 << 20) + "0]}")
    assert brackets == {"moves": []} or "memory" in brackets["error"], brackets
    assert talk.ask('{"time":4}') == {"moves": []}
    talk.end()


def main():
    schema_path, folder, program = sys.argv[1:]
    schema = Schema(schema_path)
    schema.check("failure", {"error": "line 1: hosts: must be there"})
    schema.refuses("answer", {"moves": [{"container": "a"}]})
    paths = sorted(pathlib.Path(folder).glob("*.in.jsonl"))
    assert paths, folder
    for path in paths:
        golden(program, schema, path)
    for seed in (1, 2):
        plain = long_conversation(program, schema, seed, shuffle=False)
        if long_conversation(program, schema, seed, shuffle=True) != plain:
            raise AssertionError(f"seed {seed}: the order in which things are named changes moves")
    long_line(program, schema)


if __name__ == "__main__":
    try:
        main()
    except AssertionError as problem:
        print(f"  {problem}", file=sys.stderr)
        sys.exit(1)
