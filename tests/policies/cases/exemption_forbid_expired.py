"""Cases of exemption-forbid-expired: it reads no property, so its tests are in `test_exemptions.py`."""

FIRES: list[tuple[str, str, object]] = []
PASSES: list[tuple[str, str, object]] = []
