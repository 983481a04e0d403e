"""How the platform is started, built and deployed."""
