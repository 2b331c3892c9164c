"""The HTTP edge: who asks, may they, and what is shown. Nothing about calls is decided here."""
