"""The shop: a small API that is vulnerable on purpose, one planted weakness per OWASP class.

A program of its own (`python -m bartizan.console.demo.shop`); nothing of the product imports it.
It listens on loopback only. Never put it where others can reach it.
"""
