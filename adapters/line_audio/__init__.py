"""Prompts out and recordings in through a sound device, for modem and handset lines. See README.md."""
