"""What processes are at work with: their memory before a fork, and whether they are alive."""
