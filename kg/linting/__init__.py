"""What is probably wrong with a query, told from what the graph uses, before it runs."""
