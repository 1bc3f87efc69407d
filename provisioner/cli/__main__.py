"""`python -m provisioner.cli` is the command `gerbang`."""

from provisioner.cli import main

main()
