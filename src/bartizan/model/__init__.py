"""Model: the cold nouns as frozen dataclasses. No IO."""
