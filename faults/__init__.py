"""Harnesses that break GreenMatch on purpose, on loopback, and count what was lost or doubled.

Each module here is one harness: ``main(arguments) -> int``, its first line says what it does.
``./run faults NAME`` runs it in full, ``--small`` as the test suite does. What harnesses share is
in ``faults.kit``.
"""
