"""Telephony cards (DAHDI), SIP trunks, browser phones and desk phones, all behind one Asterisk 22, over ARI."""
