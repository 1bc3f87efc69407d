"""How is a part carried out? The only room that opens ansible_runner."""
