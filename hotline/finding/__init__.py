"""Lists of tickets and calls: filters that are kept (常用筛选) and what leaves the house as a file (导出)."""
