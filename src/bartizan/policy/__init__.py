"""Policy: turns config and API descriptions into one Policy, and explains it. No IO of its own."""
