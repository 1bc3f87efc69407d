"""Which tables do we keep? One file for each part of the walk; the laws among them are triggers of the migrations."""
