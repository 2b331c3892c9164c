"""Who rings (来电显示): what lines and frames of devices say of it, for every adapter that reads such devices."""
