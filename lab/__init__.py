"""What is the lab? A data centre on one machine: real Debian hosts to try on. The engine never imports it."""
