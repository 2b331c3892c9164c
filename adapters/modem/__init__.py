"""Voice modems (语音调制解调器, V.253 and its cousins) that answer a line, and the desk telephone beside them."""
