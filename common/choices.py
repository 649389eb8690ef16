"""Codes that technologies and needs share, so that an offer and a demand can be compared."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(models.TextChoices):
    """The life of a listing; see ``NEXT_STATUS`` for the moves that are allowed."""

    DRAFT = "draft", pgettext_lazy("listing status", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("listing status", "In review")
    CHANGES_ASKED = "changes_asked", pgettext_lazy("listing status", "Changes asked")
    PUBLISHED = "published", pgettext_lazy("listing status", "Published")
    CONFIRMATION_DUE = "confirmation_due", pgettext_lazy("listing status", "Confirmation due")
    STALE = "stale", pgettext_lazy("listing status", "Hidden until confirmed")
    ARCHIVED = "archived", pgettext_lazy("listing status", "Archived")
    REJECTED = "rejected", pgettext_lazy("listing status", "Rejected")


PUBLIC_STATUSES = (Status.PUBLISHED, Status.CONFIRMATION_DUE)
EDITABLE_STATUSES = (Status.DRAFT, Status.CHANGES_ASKED)

NEXT_STATUS: dict[str, tuple[str, ...]] = {
    Status.DRAFT: (Status.SUBMITTED, Status.ARCHIVED),
    Status.SUBMITTED: (Status.CHANGES_ASKED, Status.PUBLISHED, Status.REJECTED, Status.DRAFT),
    Status.CHANGES_ASKED: (Status.SUBMITTED, Status.ARCHIVED),
    Status.PUBLISHED: (Status.CONFIRMATION_DUE, Status.ARCHIVED),
    Status.CONFIRMATION_DUE: (Status.PUBLISHED, Status.STALE, Status.ARCHIVED),
    Status.STALE: (Status.PUBLISHED, Status.ARCHIVED),
    Status.ARCHIVED: (Status.DRAFT,),
    Status.REJECTED: (Status.DRAFT,),
}


class Term(models.TextChoices):
    """How two sides may work together: offered by a technology, wanted by a need."""

    SALE = "sale", pgettext_lazy("offer term", "Sale")
    SERVICE = "service", pgettext_lazy("offer term", "Service")
    PILOT = "pilot", pgettext_lazy("offer term", "Pilot")
    LICENCE_NON_EXCLUSIVE = "licence_non_exclusive", _("Non-exclusive licence")
    LICENCE_EXCLUSIVE = "licence_exclusive", _("Exclusive licence")
    IP_SALE = "ip_sale", _("Sale of the IP")
    JOINT_VENTURE = "joint_venture", _("Joint venture")
    RD_COLLABORATION = "rd_collaboration", _("R&D collaboration")
    TECHNICAL_ASSISTANCE = "technical_assistance", _("Technical assistance")
    DISTRIBUTION = "distribution", pgettext_lazy("offer term", "Distribution")
    INVESTMENT = "investment", _("Investment sought")
    OPEN = "open", pgettext_lazy("offer term", "Open or pledged")


class Evidence(models.TextChoices):
    """How well a figure is backed, weakest first."""

    CLAIMED = "claimed", pgettext_lazy("evidence", "Claimed")
    DOCUMENTED = "documented", pgettext_lazy("evidence", "Documented")
    VERIFIED = "verified", pgettext_lazy("evidence", "Verified")


class Metric(models.TextChoices):
    """What is measured: a benefit of a technology, a target of a need."""

    ENERGY_SAVING = "energy_saving", _("Energy saved")
    PEAK_POWER_REDUCTION = "peak_power_reduction", _("Peak power reduced")
    LOAD_SHIFTED = "load_shifted", _("Load moved off peak")
    WATER_SAVING = "water_saving", _("Water saved")
    LEAKAGE_REDUCTION = "leakage_reduction", _("Leakage reduced")
    EMISSION_REDUCTION = "emission_reduction", _("Emissions reduced")
    CO2E_AVOIDED = "co2e_avoided", _("CO₂e avoided")
    POLLUTANT_REMOVAL = "pollutant_removal", _("Pollutants removed")
    WASTE_DIVERTED = "waste_diverted", _("Waste kept from landfill")
    WASTE_TREATED = "waste_treated", _("Waste treated")
    MATERIAL_RECOVERED = "material_recovered", _("Material recovered")
    POWER = "power", pgettext_lazy("metric", "Power")
    ENERGY_OUTPUT = "energy_output", _("Energy produced")
    STORAGE = "storage", _("Storage capacity")
    EFFICIENCY = "efficiency", _("Efficiency")
    WATER_TREATED = "water_treated", _("Water treated")
    WATER_STORED = "water_stored", _("Water stored")
    COOLING = "cooling", _("Temperature lowered")
    NOISE_REDUCTION = "noise_reduction", _("Noise reduced")
    YIELD_INCREASE = "yield_increase", _("Yield increased")
    INPUT_REDUCTION = "input_reduction", _("Inputs reduced")
    COST_SAVING = "cost_saving", _("Running cost saved")
    PAYBACK = "payback", _("Payback time")
    SERVICE_LIFE = "service_life", _("Service life")
    INSTALL_TIME = "install_time", _("Time to install")
    RANGE = "range", pgettext_lazy("metric", "Range")
    PASSENGERS = "passengers", _("Passengers carried")


class Unit(models.TextChoices):
    """Units of metrics; the label is the symbol, which some languages write differently."""

    PERCENT = "%", "%"
    KW = "kW", pgettext_lazy("unit", "kW")
    MW = "MW", pgettext_lazy("unit", "MW")
    W = "W", pgettext_lazy("unit", "W")
    KWH = "kWh", pgettext_lazy("unit", "kWh")
    MWH = "MWh", pgettext_lazy("unit", "MWh")
    GWH = "GWh", pgettext_lazy("unit", "GWh")
    KWH_YR = "kWh/yr", _("kWh/year")
    MWH_YR = "MWh/yr", _("MWh/year")
    GWH_YR = "GWh/yr", _("GWh/year")
    M3_D = "m3/d", _("m³/day")
    L_S = "L/s", pgettext_lazy("unit", "L/s")
    M3 = "m3", "m³"
    T_D = "t/d", _("t/day")
    KG_D = "kg/d", _("kg/day")
    T_YR = "t/yr", _("t/year")
    KG_YR = "kg/yr", _("kg/year")
    TCO2E_YR = "tCO2e/yr", _("t CO₂e/year")
    KTCO2E_YR = "ktCO2e/yr", _("kt CO₂e/year")
    DEGC = "degC", "°C"
    DB = "dB", pgettext_lazy("unit", "dB")
    YEAR = "yr", pgettext_lazy("unit", "years")
    MONTH = "mo", pgettext_lazy("unit", "months")
    DAY = "d", pgettext_lazy("unit", "days")
    KM = "km", pgettext_lazy("unit", "km")
    PERS_H = "pers/h", _("people/hour")


class PriceUnit(models.TextChoices):
    """What a price or a budget is for."""

    PROJECT = "project", _("whole project")
    M2 = "m2", _("per m²")
    KW = "kW", _("per kW")
    KWH = "kWh", _("per kWh")
    M3_D = "m3/d", _("per m³/day")
    M3 = "m3", _("per m³")
    UNIT = "unit", _("per unit")
    KM = "km", _("per km")
    TONNE = "t", _("per tonne")
    YEAR = "yr", _("per year")


class ScaleUnit(models.TextChoices):
    """How large a need is."""

    M2 = "m2", "m²"
    KW = "kW", pgettext_lazy("unit", "kW")
    M3_D = "m3/d", _("m³/day")
    T_D = "t/d", _("t/day")
    KM = "km", pgettext_lazy("unit", "km")
    HOUSEHOLDS = "households", pgettext_lazy("unit", "households")
    BUILDINGS = "buildings", pgettext_lazy("unit", "buildings")
    VEHICLES = "vehicles", pgettext_lazy("unit", "vehicles")
    HA = "ha", pgettext_lazy("unit", "ha")


TRL_CHOICES = [(level, str(level)) for level in range(1, 10)]
