"""Everything outside the process: telephony, gateways, simulated halls. Imports no other package of ours."""
