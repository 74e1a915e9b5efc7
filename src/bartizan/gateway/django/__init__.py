"""Bartizan as a Django app: a system check and `manage.py bartizan_check`. No model, no setting."""
