"""People: accounts, passwords, sign-up rules and invites."""
