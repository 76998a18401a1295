// policy: `casemate policy list|test|explain|export`.
#ifndef CMD_POLICY_H
#define CMD_POLICY_H

int policy_command(int argc, char **argv); // the exit status

#endif
