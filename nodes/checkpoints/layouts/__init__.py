"""Which tensors a network has, and what published files call them: exact lists, without torch."""
