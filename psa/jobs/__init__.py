"""What happens without anybody clicking: one leader among all workers looks after the mail."""
