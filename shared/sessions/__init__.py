"""Sessions of people: refresh tokens that rotate, and access tokens that name a session."""
