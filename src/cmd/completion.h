// completion: `casemate completion bash|zsh|fish`.
#ifndef CMD_COMPLETION_H
#define CMD_COMPLETION_H

int completion_command(int argc, char **argv);

#endif
