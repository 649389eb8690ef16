"""Countries and currencies by name in the reader's language (Unicode CLDR, through Babel)."""

from functools import lru_cache

from babel import Locale

from common.languages import active

LOCALES = {"zh-hans": "zh_Hans"}
CURRENCIES = [
    "USD",
    "EUR",
    "CNY",
    "GBP",
    "JPY",
    "INR",
    "BRL",
    "RUB",
    "AED",
    "SAR",
    "EGP",
    "MAD",
    "TND",
    "JOD",
    "KES",
    "GHS",
    "XOF",
    "ZAR",
    "COP",
    "CLP",
    "PEN",
    "MXN",
    "ARS",
    "IDR",
    "VND",
    "KZT",
    "TRY",
    "PLN",
    "SEK",
    "NOK",
    "DKK",
    "CHF",
    "CAD",
    "AUD",
    "SGD",
    "KRW",
]


def locale_of(language: str) -> Locale:
    return Locale.parse(LOCALES.get(language, language.replace("-", "_")))


NOT_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "AC", "CP", "DG", "EA", "IC", "TA", "CQ"}
EUROPEAN_UNION = {
    "UK": "GB",
    "EL": "GR",
}  # codes of the Union's own records where they differ from ISO 3166-1


@lru_cache(maxsize=16)
def _countries(language: str) -> tuple[tuple[str, str], ...]:
    territories = locale_of(language).territories
    rows = [
        (code, str(name))
        for code, name in territories.items()
        if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES
    ]
    return tuple(sorted(rows, key=lambda row: row[1]))


def country_choices() -> list[tuple[str, str]]:
    """ISO 3166-1 codes with names, sorted by name."""
    return list(_countries(active()))


def iso_country(code: object) -> str:
    """The ISO 3166-1 code meant by ``code``, or an empty string when there is none."""
    found = EUROPEAN_UNION.get(code, code) if isinstance(code, str) else ""
    return found if found in dict(_countries("en")) else ""


@lru_cache(maxsize=16)
def _currencies(language: str) -> tuple[tuple[str, str], ...]:
    names = locale_of(language).currencies
    return tuple((code, f"{code} – {names.get(code, code)}") for code in CURRENCIES)


def currency_choices() -> list[tuple[str, str]]:
    """ISO 4217 codes with names, the ones in use here."""
    return list(_currencies(active()))


# UN M49; the Americas (019) are all that no other region has.
REGIONS = {
    "002": (
        "DZ AO BJ BW IO BF BI CV CM CF TD KM CG CD CI DJ EG GQ ER SZ ET TF GA GM GH GN GW "
        "KE LS LR LY MG MW ML MR MU YT MA MZ NA NE NG RE RW SH ST SN SC SL SO ZA SS SD TZ "
        "TG TN UG EH ZM ZW "
    ),
    "019": "",
    "142": (
        "AF AM AZ BH BD BT BN KH CN CY GE HK IN ID IR IQ IL JP JO KZ KW KG LA LB MO MY MV "
        "MN MM NP KP OM PK PH PS QA KR SA SG LK SY TW TJ TH TL TR TM AE UZ VN YE "
    ),
    "150": (
        "AX AL AD AT BY BE BA BG HR CZ DK EE FO FI FR DE GI GR GG VA HU IS IE IM IT JE LV "
        "LI LT LU MT MD MC ME NL MK NO PL PT RO RU SM RS SK SI ES SJ SE CH UA GB XK "
    ),
    "009": (
        "AS AU CX CC CK FJ PF GU HM KI MH FM NR NC NZ NU NF MP PW PG PN WS SB TK TO TV UM VU WF AQ "
    ),
}
_REGION = {code: region for region, codes in REGIONS.items() for code in codes.split()}


def region_of(country: str) -> str:
    """The M49 region of a country; "" for none."""
    return _REGION.get(country, "019") if country else ""


def region_name(region: str) -> str:
    return str(locale_of(active()).territories.get(region, region))


def countries_by_region() -> list[tuple[str, list[tuple[str, str]]]]:
    """Regions by name, each with its countries as choices."""
    names = locale_of(active()).territories
    rows = country_choices()
    return [
        (str(names[region]), [row for row in rows if _REGION.get(row[0], "019") == region])
        for region in REGIONS
    ]
