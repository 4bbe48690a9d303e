"""Fails unless two files of line protocol hold the same points, numbers to twelve digits.

Usage: same_points.py ONE OTHER
"""
import math
import re
import sys


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file if not line.startswith("#")]


def same(one, other):
    number = re.compile(r"(?<==)-?[0-9]+(?:[.][0-9]+)?(?:e[-+][0-9]+)?(?=[i, ])")
    if number.sub("#", one) != number.sub("#", other):
        return False
    pairs = zip(number.findall(one), number.findall(other))
    return all(math.isclose(float(a), float(b), rel_tol=1e-11) for a, b in pairs)


first, second = lines(sys.argv[1]), lines(sys.argv[2])
different = [pair for pair in zip(first, second) if not same(*pair)]
if different:
    print("  %s\n  %s" % different[0], file=sys.stderr)
if len(first) != len(second):
    print("  %d and %d points" % (len(first), len(second)), file=sys.stderr)
sys.exit(1 if different or len(first) != len(second) or not first else 0)
