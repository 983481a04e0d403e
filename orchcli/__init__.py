"""The command line: sets up and runs the platform on this machine; talks to it over HTTP; imports nothing of the server."""

__version__ = "0.1.0"
