"""Moments at random in all zones of the system, 1970 to 2100, as Python's zoneinfo has them.

usage: zones.py SEED N

A line a moment: zone, seconds UTC, offset then; and a local time near it with the moment that it
means: with the offset before a gap, the first of two (fold 0). A third of the moments lie within
hours of a change of the zone's clock.
"""
import random
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones, reset_tzpath

EPOCH = datetime(1970, 1, 1)
FIRST, LAST = 0, int(datetime(2100, 12, 31, tzinfo=timezone.utc).timestamp())


def offset(zone, at):
    return int(datetime.fromtimestamp(at, zone).utcoffset().total_seconds())


def near_change(r, zone, at):
    """A moment hours away from a change in the half year behind `at`, or `at` itself."""
    low, high = at, at + 183 * 86400
    before = offset(zone, low)
    if offset(zone, high) == before:
        return at
    while high - low > 1:
        middle = (low + high) // 2
        if offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high + r.choice([-1, 0, r.randint(-7200, 7200)])


def main():
    r = random.Random(int(sys.argv[1]))
    # The machine's own tables, not those of a Python package.
    reset_tzpath(["/usr/share/zoneinfo"])
    names = sorted(available_timezones() - {"localtime", "Factory"})
    count = int(sys.argv[2])
    for i in range(count):
        name = names[i * len(names) // count]
        zone = ZoneInfo(name)
        at = r.randint(FIRST, LAST)
        if r.random() < 0.33:
            at = near_change(r, zone, at)
        local = at + offset(zone, at) + r.randint(-7200, 7200)
        clock = EPOCH + timedelta(seconds=local)
        back = int(clock.replace(tzinfo=zone).timestamp())
        print(name, at, offset(zone, at), local, back, sep="\t")


main()
