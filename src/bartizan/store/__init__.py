"""Store: keeps things behind ports. The only room that knows databases."""
