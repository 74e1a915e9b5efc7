"""A group of clinics: resources inside resources, each level with its own question of who may."""
