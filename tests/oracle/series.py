"""Events that come again, at random, and when python-dateutil says that they do.

usage: series.py SEED N

A line a series: the event as JSON (lib/event/event.h), a tab, and the starts of all its occurrences
within five years of the first: seconds UTC with blanks between; days and floating times as if the
clock showed UTC. The start itself is always one of them (RFC 5545, 3.8.5.3).

What python-dateutil has wrong is left out, as in recur.py.
"""
import json
import random
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

ZONES = ["UTC", "America/Los_Angeles", "Europe/Berlin", "Asia/Kolkata", "Pacific/Apia"]
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
UNITS = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
INTERVALS = [20, 8, 6, 3]
EPOCH = datetime(1970, 1, 1)
SPAN = 5 * 366


def days_of(r, unit, parts):
    if unit == "WEEKLY" and r.random() < 0.7:
        parts["BYDAY"] = ",".join(r.sample(DAYS, r.randint(1, 4)))
    elif unit in ("MONTHLY", "YEARLY"):
        kind = r.random()
        if kind < 0.3:
            parts["BYDAY"] = r.choice(["1", "2", "3", "-1", "-2"]) + r.choice(DAYS)
        elif kind < 0.55:
            parts["BYMONTHDAY"] = ",".join(
                str(n) for n in r.sample([1, 2, 13, 15, 28, 29, 30, 31, -1, -2, -15], r.randint(1, 3)))
        elif kind < 0.7:
            parts["BYDAY"] = ",".join(r.sample(DAYS, r.randint(2, 5)))
            parts["BYSETPOS"] = r.choice(["1", "2", "-1"])
        if unit == "YEARLY" and r.random() < 0.6:
            parts["BYMONTH"] = ",".join(str(n) for n in r.sample(range(1, 13), r.randint(1, 3)))
    elif unit == "DAILY" and r.random() < 0.3:
        parts["BYDAY"] = ",".join(r.sample(DAYS, r.randint(2, 5)))


def stamp(local, day):
    return local.strftime("%Y%m%d" if day else "%Y%m%dT%H%M%S")


def seconds(local, zone):
    if zone is None:
        return int((local - EPOCH).total_seconds())
    return int(local.replace(tzinfo=zone).timestamp())


def text(local, zone, day):
    if day:
        return local.strftime("%Y-%m-%d")
    if zone is None:
        return local.strftime("%Y-%m-%dT%H:%M:%S")
    # A start that the clock skips is never chosen: it has one reading.
    offset = local.replace(tzinfo=zone).utcoffset()
    if not offset:
        return local.strftime("%Y-%m-%dT%H:%M:%SZ")
    minutes = int(offset.total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    minutes = abs(minutes)
    return local.strftime("%Y-%m-%dT%H:%M:%S") + f"{sign}{minutes // 60:02}:{minutes % 60:02}"


def skipped(local, zone):
    if zone is None:
        return False
    there = local.replace(tzinfo=zone).astimezone(timezone.utc).astimezone(zone)
    return there.replace(tzinfo=None) != local


def bent(start, length, zone):
    """Does the clock change while it lasts?"""
    return seconds(start + length, zone) - seconds(start, zone) != length.total_seconds()


def rule(r, start, zone, day):
    unit = r.choice(UNITS)
    parts = {"FREQ": unit}
    if r.random() < 0.5:
        parts["INTERVAL"] = str(r.randint(1, INTERVALS[UNITS.index(unit)]))
    days_of(r, unit, parts)
    if unit != "WEEKLY" or "INTERVAL" not in parts:
        if r.random() < 0.2:
            parts["WKST"] = r.choice(DAYS)
    end = r.random()
    until = start + timedelta(days=r.randint(10, 2500))
    if end < 0.25:
        parts["COUNT"] = str(r.randint(1, 60))
    elif end < 0.5 and day:
        parts["UNTIL"] = stamp(until, True)
    elif end < 0.5 and zone is None:
        parts["UNTIL"] = stamp(until, False)
    elif end < 0.5:
        parts["UNTIL"] = until.replace(tzinfo=zone).astimezone(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    return parts


def comes(parts, start, zone, limit):
    """Local starts of one rule, up to the limit."""
    plain = dict(parts)
    stop = None
    if plain.get("UNTIL", "").endswith("Z"):
        stop = datetime.strptime(plain.pop("UNTIL"), "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    if "COUNT" not in plain and "UNTIL" not in plain:
        plain["UNTIL"] = stamp(limit + timedelta(days=3), False)
    for local in rrulestr(";".join(f"{k}={v}" for k, v in plain.items()), dtstart=start):
        if local > limit + timedelta(days=2):
            return
        if stop and local.replace(tzinfo=zone).astimezone(timezone.utc) > stop:
            return
        yield local


def line(r, i):
    name = ZONES[i % len(ZONES)]
    kind = r.choice(["zoned", "zoned", "zoned", "day", "floating"])
    day = kind == "day"
    zone = ZoneInfo(name) if kind == "zoned" else None
    # Floating times are those of the calendar to which the test sends them.
    clock = zone or ZoneInfo("Europe/Berlin")
    while True:
        start = datetime(2024, 1, 1) + timedelta(
            days=r.randint(0, 1100), minutes=0 if day else 15 * r.randint(0, 95))
        length = timedelta(days=r.randint(1, 3)) if day else timedelta(minutes=15 * r.randint(0, 40))
        if day or not (skipped(start, clock) or (kind == "floating" and bent(start, length, clock))):
            break
    limit = start + timedelta(days=SPAN)
    lines, found = [], {seconds(start, zone): start}
    if r.random() < 0.93:
        parts = rule(r, start, zone, day)
        lines.append("RRULE:" + ";".join(f"{k}={v}" for k, v in parts.items()))
        for local in comes(parts, start, zone, limit):
            found[seconds(local, zone)] = local
    head = ";VALUE=DATE" if day else f";TZID={name}" if zone and name != "UTC" else ""
    tail = "Z" if zone and name == "UTC" else ""
    if len(lines) == 0 or r.random() < 0.2:
        more = [start + timedelta(days=r.randint(1, 900)) for _ in range(r.randint(1, 4))]
        lines.append(f"RDATE{head}:" + ",".join(stamp(d, day) + tail for d in more))
        for local in more:
            found[seconds(local, zone)] = local
    if r.random() < 0.35 and len(found) > 2:
        out = r.sample(sorted(found), min(len(found) - 2, r.randint(1, 3)))
        lines.append(f"EXDATE{head}:" + ",".join(stamp(found[at], day) + tail for at in out))
        for at in out:
            del found[at]
    event = {"title": f"Series {i}", "startDateTime": text(start, zone, day),
             "endDateTime": text(start + length, zone, day), "allDay": day, "recurrence": lines,
             "status": "confirmed", "busy": True}
    if zone:
        event["timeZone"] = name
    first = seconds(start, zone)
    starts = [at for at in sorted(found) if first <= at < first + SPAN * 86400]
    print(json.dumps(event) + "\t" + " ".join(str(at) for at in starts))


def main():
    r = random.Random(int(sys.argv[1]))
    for i in range(int(sys.argv[2])):
        line(r, i)


main()
