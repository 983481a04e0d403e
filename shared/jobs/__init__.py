"""What every long job has: a lease with a fencing token, a journal, adoption after a death, and starting once."""
