"""FreeSWITCH as an observed device: it distributes its calls itself, we listen at its event socket (事件套接字)."""
