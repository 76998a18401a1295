#include "base/flow.h"

size_t flow_columns(str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return n;
}

void flow_put(struct buf *b, str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool c1 = c == 0xC2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xA0; // U+0080..U+009F
        buf_putc(b, c < 0x20 || c == 0x7F || c1 ? '?' : (char)c);
        i += c1;
    }
}

void flow_words(struct buf *b, str text, size_t indent, size_t used, size_t width)
{
    size_t room = width > indent + 20 ? width : indent + 20;
    size_t column = used;
    bool first = true; // of its line: no blank before it
    while (text.p) {
        str word = str_cut(&text, ' ');
        if (word.n == 0)
            continue;
        size_t n = flow_columns(word);
        if (column > indent && column + !first + n > room) {
            buf_putc(b, '\n');
            column = 0;
            first = true;
        }
        if (column < indent) {
            buf_pad(b, ' ', indent - column);
            column = indent;
        }
        if (!first)
            buf_putc(b, ' ');
        flow_put(b, word);
        column += n + !first;
        first = false;
    }
    buf_putc(b, '\n');
}
