#include "cmd/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (unsigned i = 0; i < 3; i++) {
        const char *v = getenv(names[i]);
        if (v && *v)
            return strcasestr(v, "utf-8") || strcasestr(v, "utf8");
    }
    return true; // nothing said: today's terminals
}

struct sink_style terminal_style(int fd, const char *when)
{
    bool tty = isatty(fd);
    const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
    struct sink_style s = {.width = 100, .brief = tty, .unicode = tty && is_utf8()};
    s.colour = tty && !(no_colour && *no_colour) && !(term && !strcmp(term, "dumb"));
    if (!strcmp(when, "always"))
        s.colour = s.unicode = true;
    if (!strcmp(when, "never"))
        s.colour = false;
    struct winsize size;
    if (tty && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col)
        s.width = size.ws_col;
    if (s.width < 40)
        s.width = 40;
    if (s.width > 160)
        s.width = 160; // longer lines are harder to read, not easier
    return s;
}
