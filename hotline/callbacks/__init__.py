"""Nobody who rang is forgotten: call-back tasks (漏接回拨) and messages (留言)."""
