"""How does a mail leave the house? Over SMTP, to the office's own relay; nobody else opens aiosmtplib."""
