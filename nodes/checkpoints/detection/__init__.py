"""What a model file holds, from names and shapes alone: its networks, configs and family."""
