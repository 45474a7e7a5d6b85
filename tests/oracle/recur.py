"""Recurrence rules at random, and when python-dateutil says that they come.

usage: recur.py SEED N

A line a rule: zone, start (local), rule, after, end (seconds UTC), and the first three moments
after `after` up to `end`, separated by tabs. Local times become moments with the system's zones
by RFC 5545, 3.3.5: fold 0 is the offset before a gap and the first of two.

Left out, because python-dateutil has it wrong: numbered and plain weekdays in one BYDAY (it takes
what is both), the first week of a weekly rule with BYSETPOS (it takes what is left of the week),
and the weeks 52 and 53, also from the end, on the days that lie in another year than their week.
"""
import datetime as calendar
import random
import sys
import types
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import dateutil.rrule

ZONES = """Africa/Cairo Africa/Casablanca Africa/Johannesburg America/Adak America/Anchorage
America/Argentina/Buenos_Aires America/Asuncion America/Bogota America/Caracas America/Chicago
America/Halifax America/Havana America/Los_Angeles America/Mexico_City America/New_York
America/Nuuk America/Santiago America/Sao_Paulo America/St_Johns Asia/Amman Asia/Beirut
Asia/Dhaka Asia/Gaza Asia/Jerusalem Asia/Kathmandu Asia/Kolkata Asia/Tehran Asia/Tokyo
Atlantic/Azores Australia/Adelaide Australia/Lord_Howe Australia/Sydney Europe/Berlin Europe/Dublin
Europe/London Europe/Moscow Pacific/Apia Pacific/Auckland Pacific/Chatham UTC""".split()
UNITS = ["SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
WEIGHTS = [2, 6, 14, 22, 20, 20, 16]
INTERVALS = [100, 100, 40, 20, 6, 14, 5]
# How far in front of `after` a rule begins, and how far it is followed, in days.
BEGIN = [0.02, 0.2, 10, 200, 700, 2000, 6000]
FOLLOW = [0.05, 1, 40, 900, 900, 3700, 9000]
# By how much the clock may jump back over times that were given already, in seconds. Rules by the
# second are not looked at in nights when it changes.
MARGIN = [0, 3 * 3600] + [2 * 86400] * 5
EPOCH = datetime(1970, 1, 1)
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def changes(zone):
    """The days at whose end a zone's clock has changed, 1990 to 2060."""
    at = datetime(1990, 1, 1, tzinfo=timezone.utc)
    found = []
    while at.year < 2060:
        if (at + timedelta(days=8)).astimezone(zone).utcoffset() == at.astimezone(zone).utcoffset():
            at += timedelta(days=8)
            continue
        before = at.astimezone(zone).utcoffset()
        while at.astimezone(zone).utcoffset() == before:
            at += timedelta(days=1)
        found.append(at)
    return found


def some(r, low, high, most):
    """A list of different numbers."""
    return ",".join(str(n) for n in r.sample(range(low, high + 1), r.randint(1, most)))


def signed(r, high, most):
    numbers = r.sample([n for n in range(-high, high + 1) if n], r.randint(1, most))
    return ",".join(str(n) for n in numbers)


def weekdays(r, numbered):
    names = r.sample(DAYS, r.randint(1, 4))
    if not numbered:
        return ",".join(names)
    return ",".join(str(r.choice([-5, -2, -1, 1, 2, 3, 4, 5])) + name for name in names)


def times_of_day(r, unit, parts, near):
    if near and unit >= 3 and r.random() < 0.8:
        parts["BYHOUR"] = str(r.choice([0, 1, 2, 3, 23]))
        parts["BYMINUTE"] = str(r.choice([0, 10, 30, 59]))
        return
    if r.random() < 0.35:
        parts["BYHOUR"] = some(r, 0, 23, 5)
    if r.random() < 0.3:
        parts["BYMINUTE"] = some(r, 0, 59, 4)
    if r.random() < 0.08:
        parts["BYSECOND"] = some(r, 0, 59, 3)


def days(r, unit, parts):
    if r.random() < 0.25:
        parts["BYMONTH"] = some(r, 1, 12, 5)
    if unit == 6 and r.random() < 0.2:
        parts["BYWEEKNO"] = signed(r, 51, 5)
        if r.random() < 0.7:
            parts["BYDAY"] = weekdays(r, False)
        return
    if unit not in (4, 5) and r.random() < 0.12:
        parts["BYYEARDAY"] = signed(r, 366, 8)
    if unit != 4 and r.random() < 0.25:
        parts["BYMONTHDAY"] = signed(r, 31, 6)
    if r.random() < 0.4:
        parts["BYDAY"] = weekdays(r, unit in (5, 6) and r.random() < 0.6)


def rule(r, unit, near):
    parts = {"FREQ": UNITS[unit]}
    if r.random() < 0.6:
        parts["INTERVAL"] = str(r.randint(1, INTERVALS[unit]))
    if not near or r.random() < 0.3:
        days(r, unit, parts)
    times_of_day(r, unit, parts, near)
    if r.random() < 0.3:
        parts["WKST"] = r.choice(DAYS)
    if len(parts) > 2 and r.random() < 0.15:
        parts["BYSETPOS"] = signed(r, r.choice([2, 5, 30]) if unit > 1 else 1, 2)
    return parts


def seconds(local):
    return int((local - EPOCH).total_seconds())


def moment(local, zone):
    return int(local.replace(tzinfo=zone).timestamp())


def line(r, name, nights):
    zone = ZoneInfo(name)
    unit = r.choices(range(7), WEIGHTS)[0]
    # In 2011 Samoa left out a day: more than the margin of minutes.
    near = bool(nights) and r.random() < 0.4 and unit > (name == "Pacific/Apia")
    if near:
        after = r.choice(nights) - timedelta(seconds=r.randint(0, 3 * 86400))
    else:
        after = datetime(2000, 1, 1, tzinfo=timezone.utc) + timedelta(
            seconds=r.randint(0, 50 * 366 * 86400))
    start = after.astimezone(zone).replace(tzinfo=None, microsecond=0) - timedelta(
        seconds=int(r.random() * BEGIN[unit] * 86400))
    if r.random() < 0.7:
        start = start.replace(second=0)
    parts = rule(r, unit, near)
    end = after + timedelta(seconds=int(FOLLOW[unit] * 86400))
    if unit == 4 and "BYSETPOS" in parts:
        start -= timedelta(days=8)
    if r.random() < 0.05:
        parts["COUNT"] = str(r.randint(1, 300))
    if unit == 4 and "BYSETPOS" in parts:  # the first week is counted too
        parts.pop("COUNT", None)
    until = None
    if r.random() < 0.1:
        until = after + timedelta(seconds=int(r.random() * FOLLOW[unit] * 86400))
        if r.random() < 0.5:
            parts["UNTIL"] = until.strftime("%Y%m%dT%H%M%SZ")
        else:
            until = until.astimezone(zone).replace(tzinfo=None)
            parts["UNTIL"] = until.strftime("%Y%m%dT%H%M%S")
    order = list(parts)
    r.shuffle(order)
    text = ";".join(f"{k}={parts[k]}" for k in order)
    want = expected(parts, start, zone, after, end)
    cells = [name, seconds(start), text, int(after.timestamp()), int(end.timestamp())]
    print("\t".join(str(c) for c in cells + want))


def expected(parts, start, zone, after, end):
    margin = MARGIN[UNITS.index(parts["FREQ"])]
    plain = dict(parts)
    utc_until = plain.get("UNTIL", "").endswith("Z")
    last = end
    if utc_until:
        last = min(end, datetime.strptime(plain["UNTIL"], "%Y%m%dT%H%M%SZ").replace(
            tzinfo=timezone.utc))
        del plain["UNTIL"]
    horizon = end.astimezone(zone).replace(tzinfo=None) + timedelta(days=3)
    stop = plain.get("UNTIL") and datetime.strptime(plain["UNTIL"], "%Y%m%dT%H%M%S")
    plain["UNTIL"] = min(stop or horizon, horizon).strftime("%Y%m%dT%H%M%S")
    text = ";".join(f"{k}={v}" for k, v in plain.items())
    found, low, high = set(), int(after.timestamp()), int(last.timestamp())
    # A rule that never comes is followed to the end of the calendar: it ends earlier here.
    bounded = types.SimpleNamespace(**vars(calendar))
    bounded.MAXYEAR = horizon.year
    dateutil.rrule.datetime = bounded
    try:
        for local in dateutil.rrule.rrulestr(text, dtstart=start):
            at = moment(local, zone)
            if low < at <= high:
                found.add(at)
            if len(found) >= 3 and at > sorted(found)[2] + margin:
                break
    except ValueError:
        pass  # it says so that nothing comes any more
    return sorted(found)[:3]


def main():
    r = random.Random(int(sys.argv[1]))
    nights = {name: changes(ZoneInfo(name)) for name in ZONES}
    for i in range(int(sys.argv[2])):
        name = ZONES[i % len(ZONES)]
        line(r, name, nights[name])


main()
