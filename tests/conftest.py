"""Settings of all tests."""

from hypothesis import HealthCheck, settings

# How fast a busy machine makes up examples says nothing about the code.
settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")
