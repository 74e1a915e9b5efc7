"""`INSTALLED_APPS = ["bartizan"]`: for Django alone; nothing else imports it."""

from bartizan.gateway.django.apps import BartizanConfig

__all__ = ["BartizanConfig"]
