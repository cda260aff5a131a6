"""Any two configurations side by side: in words, and in numbers over a signal."""
