"""The HTTP process: REST under ``/v1``, streams, the built web interface, health and metrics."""
