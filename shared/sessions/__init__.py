"""Sessions: who is signed in where; refresh tokens that rotate, and access tokens that name a session."""
