"""PHP-FPM: does PHP run as the site's own user, and within its limits?"""
