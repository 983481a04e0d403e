"""The command line: sets up, runs and uses the platform on this machine; imports nothing of the server."""

__version__ = "0.1.0"
