"""Start, build and deployment of the platform."""
