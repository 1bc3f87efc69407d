"""What may a site's PHP not do, in its pool and in its scheduled script alike?"""

from __future__ import annotations

# Whatever starts another program, or makes a link out of the site.
DISABLED = (
    "exec,passthru,shell_exec,system,proc_open,popen,proc_nice,pcntl_exec,pcntl_fork,dl,symlink,link,"
    "posix_kill,posix_setuid,posix_setgid,posix_mkfifo,putenv"
)
MEMORY_MB = 256
SECONDS = 60
