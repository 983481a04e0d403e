"""What holds for every tier: properties are judged by their answers, not by how busy the machine is."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.clusters", "tests.support.reports"]

settings.register_profile("kubeorch", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kubeorch")
