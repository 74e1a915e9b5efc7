"""A bank that is called by name: one path a procedure, everything in the body."""
