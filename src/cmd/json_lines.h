// json_lines: questions on standard input, a JSON object a line each, and an answer a line each, as they come.
#ifndef CMD_JSON_LINES_H
#define CMD_JSON_LINES_H

#include "base/arena.h"
#include "base/out.h"
#include "doc/node.h"

// Puts the members of the answer to one question; around them stand { and }, and in front the question's "id" where it has one.
// question: NULL where the line is no JSON. a: emptied behind each line.
typedef err_code json_lines_answer(void *ctx, const struct node *question, struct arena *a, struct buf *out, struct err *e);

// Answers until the input ends, at once where nothing more is waiting. Empty lines are passed over. ERR_IO, ERR_LIMIT, and
// what the answer gives.
err_code json_lines_run(json_lines_answer *answer, void *ctx, struct out *out, struct err *e) MUST_USE;

#endif
