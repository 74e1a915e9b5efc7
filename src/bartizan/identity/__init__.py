"""Identity: issues credentials and takes them back. Never on the request path."""
