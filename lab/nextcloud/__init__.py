"""What answers in the lab as a Nextcloud server? A stand-in that speaks as Nextcloud 32.0.1 was recorded to.

It is a process of its own (lab/cloud.py starts it); where it and lab/recordings/nextcloud-32.jsonl differ, it is wrong.
"""
