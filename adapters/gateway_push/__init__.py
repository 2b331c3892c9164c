"""Gateways that distribute calls themselves and push what happened over HTTP: observed, never ordered about."""
