"""The parts of every long job: a lease with a fencing token, a journal, adoption after a death, starting once."""
