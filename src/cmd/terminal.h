// terminal: what the screen can show.
#ifndef CMD_TERMINAL_H
#define CMD_TERMINAL_H

#include "sink/sink.h"

// The style for a report on fd: colour, box characters and brevity on a terminal only; its width, or
// 100 columns. when: "auto", "always" or "never" for colour. NO_COLOR and TERM=dumb are honoured.
struct sink_style terminal_style(int fd, const char *when);

#endif
