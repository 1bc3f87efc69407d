"""How does an installation begin? First user, migrations, offline audit."""
