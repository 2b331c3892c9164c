"""What Prometheus sees. Names are part of the product; labels never carry a phone number."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

CALLS_OFFERED = Counter("hotline_calls_offered", "Calls offered", ["hall", "queue"])
CALLS_ANSWERED = Counter("hotline_calls_answered", "Calls answered", ["hall", "queue"])
CALLS_ABANDONED = Counter("hotline_calls_abandoned", "Calls that ended unanswered", ["hall", "queue"])
ANSWER_SECONDS = Histogram(
    "hotline_answer_seconds",
    "Seconds from the queue to the answer",
    ["hall", "queue"],
    buckets=(1, 2, 3, 5, 8, 10, 15, 20, 30, 60, 120, 300, 600),
)
QUEUE_WAITING = Gauge("hotline_queue_waiting", "Callers waiting", ["hall", "queue"])
QUEUE_LONGEST = Gauge("hotline_queue_longest_wait_seconds", "Longest present wait", ["hall", "queue"])
SEATS = Gauge("hotline_seats", "Seats by state", ["hall", "state"])
ADAPTER_UP = Gauge("hotline_adapter_up", "The link to the device works", ["adapter"])
LINE_ALARM = Gauge("hotline_line_alarm", "Alarms of the line that stand", ["adapter", "kind"])
EDGE_CONNECTED = Gauge("hotline_edge_connected", "The edge is connected", ["edge"])
EDGE_WAITING = Gauge("hotline_edge_waiting", "Records kept by the edge that we do not have yet", ["edge", "adapter"])
EDGE_AHEAD = Gauge("hotline_edge_ahead_seconds", "Seconds by which the edge's clock is ahead of ours", ["edge"])
HANDOVERS_WAITING = Gauge("hotline_outbox_pending", "Hand-overs that have not arrived yet", ["hall", "bridge"])
HANDOVERS_ATTENTION = Gauge(
    "hotline_handovers_attention", "Hand-overs that failed or are in doubt: a person has to look", ["hall", "bridge"]
)
HANDOVER_DIFFERENCES_OPEN = Gauge(
    "hotline_handover_differences", "Differences between both sides' lists that nobody has settled", ["hall", "bridge"]
)
MESSAGES_WAITING = Gauge("hotline_messages_waiting", "Messages to citizens that have not gone yet", ["hall"])
EVENT_TO_SCREEN = Histogram(
    "hotline_event_to_screen_seconds",
    "Seconds from hearing an event to the consoles being told",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 1, 3),
)
COMMIT_SECONDS = Histogram(
    "hotline_commit_seconds",
    "Seconds of one commit of a batch",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5),
)
WS_CLIENTS = Gauge("hotline_ws_clients", "Consoles connected", ["hall"])
CALLBACKS_OPEN = Gauge("hotline_callbacks_open", "Call-back tasks that are still to be done", ["hall"])
CALLBACKS_OVERDUE = Gauge("hotline_callbacks_overdue", "Call-back tasks past their due time", ["hall"])
DEADLINES_OVERDUE = Gauge("hotline_deadlines_overdue", "Deadlines of tickets that have passed", ["hall"])
OUTBOUND_REFUSED = Counter("hotline_outbound_refused", "Calls outside that were refused", ["hall", "code"])
UPWARD_FAILED = Counter("hotline_upward_failed", "Reports of seat states that the province did not take", ["hall"])
INBOX = Gauge("hotline_inbox", "Inputs not decided yet", ["hall"])
DELIVERIES = Counter("hotline_gateway_deliveries", "Deliveries of gateways by result", ["adapter", "result"])
NETWORK_REFUSED = Counter("hotline_network_refused", "Requests of network platforms refused at the door", ["code"])
NETWORK_NEWS_WAITING = Gauge(
    "hotline_network_news_waiting", "News that a network platform does not have yet", ["platform"]
)
