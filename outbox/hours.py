"""When a person may be written to without haste: their own zone, working days and hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import holidays
from babel.core import get_global
from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models import User
from outbox.choices import Frequency
from outbox.models import Preference

OPENS, CLOSES = 8, 19
DAY = timedelta(days=1)
FAR = 60  # days; no country rests so long
WEEKEND = {5, 6}  # where we know nothing better
CAPITALS = {  # countries with several zones
    "AR": "America/Argentina/Buenos_Aires", "AU": "Australia/Sydney", "BR": "America/Sao_Paulo",
    "CA": "America/Toronto", "CD": "Africa/Kinshasa", "CL": "America/Santiago",
    "CN": "Asia/Shanghai", "CY": "Asia/Nicosia", "DE": "Europe/Berlin", "EC": "America/Guayaquil",
    "ES": "Europe/Madrid", "FM": "Pacific/Pohnpei", "GL": "America/Nuuk", "ID": "Asia/Jakarta",
    "KI": "Pacific/Tarawa", "KZ": "Asia/Almaty", "MH": "Pacific/Majuro", "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City", "MY": "Asia/Kuala_Lumpur", "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti", "PG": "Pacific/Port_Moresby", "PS": "Asia/Hebron",
    "PT": "Europe/Lisbon", "RU": "Europe/Moscow", "UA": "Europe/Kyiv", "US": "America/New_York",
    "UZ": "Asia/Tashkent",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hours:
    """One person's hours; ``frequency``, ``weekday`` and ``hour`` are their wish for digests."""

    zone: ZoneInfo
    country: str
    frequency: str
    weekday: int
    hour: int

    @property
    def always(self) -> bool:
        return self.frequency == Frequency.AT_ONCE

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def start_of(self, day: date, hour: int = 0) -> datetime:
        return datetime.combine(day, time(hour), self.zone).astimezone(UTC)

    def open_at(self, moment: datetime) -> bool:
        local = moment.astimezone(self.zone)
        within = OPENS <= local.hour < CLOSES and is_working_day(local.date(), self.country)
        return self.always or within

    def next(self, after: datetime) -> datetime:
        """The first moment from ``after`` on that lies in the hours."""
        if self.open_at(after):
            return after
        day = self.day_of(after)
        if after >= self.start_of(day, OPENS):
            day += DAY
        return self.start_of(first_working_day(day, self.country), OPENS)

    def next_day(self, after: datetime, *, in_hours: bool) -> datetime:
        """The morning after, or of the next working day."""
        day = self.day_of(after) + DAY
        if in_hours and not self.always:
            day = first_working_day(day, self.country)
        return self.start_of(day, OPENS)

    def next_digest(self, after: datetime) -> datetime:
        """The first chosen hour from ``after`` on; a day of rest moves it to the next working
        day.
        """
        if self.always:
            return after
        weekly = self.frequency == Frequency.WEEKLY
        back = 3 * 7 if weekly else 0  # a week chosen long ago may have been moved to today
        first = self.day_of(after) - back * DAY
        days = (first + number * DAY for number in range(FAR))
        chosen = (day for day in days if not weekly or day.weekday() == self.weekday)
        moments = (self.start_of(first_working_day(d, self.country), self.hour) for d in chosen)
        return next(moment for moment in moments if moment >= after)


def hours_of(person: User) -> Hours:
    wish = Preference.objects.all().of(person)
    country = import_string(settings.COUNTRY_OF_PERSON)(person)
    zone = _zone(person.time_zone) or zone_of_country(country)
    return Hours(zone, country, wish.pace, wish.weekday, wish.hour)


def zone_of(person: User) -> ZoneInfo:
    """The zone that the person chose, else that of their organisation's country."""
    chosen = _zone(person.time_zone)
    return chosen or zone_of_country(import_string(settings.COUNTRY_OF_PERSON)(person))


def _zone(name: str) -> ZoneInfo | None:
    return ZoneInfo(name) if name in _names() else None


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=300)
def zone_of_country(country: str) -> ZoneInfo:
    """The zone of the capital; UTC where there is no country."""
    if country in CAPITALS:
        return ZoneInfo(CAPITALS[country])
    known = (name for name, place in get_global("zone_territories").items() if place == country)
    found = sorted(name for name in known if name in _names()) if country else []
    return ZoneInfo(found[0] if found else "UTC")


def is_working_day(day: date, country: str) -> bool:
    """Neither a weekend nor a public holiday there (Friday and Saturday rest in many places)."""
    calendar = _calendar(country)
    return day.weekday() not in WEEKEND if calendar is None else calendar.is_working_day(day)


def first_working_day(day: date, country: str) -> date:
    return next(d for n in range(FAR) if is_working_day(d := day + n * DAY, country))


def add_working_days(day: date, number: int, country: str) -> date:
    """The ``number``-th working day after ``day``."""
    for _ in range(number):
        day = first_working_day(day + DAY, country)
    return day


@lru_cache(maxsize=300)
def _calendar(country: str) -> holidays.HolidayBase | None:
    try:
        return holidays.country_holidays(country) if country else None
    except NotImplementedError:
        return None
