"""What indexes are made from, and which one is current."""

from typing import ClassVar

from django.db import models
from django.utils import timezone


class Encoding(models.Model):
    """A technology as its index reads it: the truth that any process rebuilds from.

    ``version`` rises when the technology changes, so that nobody stores what they read before.
    """

    technology = models.OneToOneField(
        "technologies.Technology", models.CASCADE, primary_key=True, related_name="encoding"
    )
    version = models.PositiveIntegerField(default=1)
    fingerprint = models.CharField(max_length=16, blank=True)
    row = models.BinaryField(default=bytes)

    class Meta:
        default_permissions: ClassVar = ()

    def __str__(self) -> str:
        return f"{self.technology_id}, version {self.version}"


class Epoch(models.Model):
    """Word statistics frozen at one moment; the latest is what every process scores by. Its
    snapshot lies on each machine in a folder of this name.
    """

    name = models.CharField(max_length=32, unique=True)
    started_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions: ClassVar = ()

    def __str__(self) -> str:
        return self.name
