// hash: non-cryptographic hashing of short byte strings, the same on every machine.
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"

static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 u128;
    u128 m = (u128)a * b;
    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

// For map keys: fast on the 4 to 30 bytes that keys have. Tables made at build time hold it too
// (tools/schema-table computes the same); not for what outlives a release.
static inline uint32_t hash_key(str s)
{
    const uint64_t k0 = 0x9e3779b97f4a7c15u, k1 = 0xd6e8feb86659fd93u;
    uint64_t h = k0 ^ s.n, w;
    const char *p = s.p;
    size_t n = s.n;
    for (; n >= 8; p += 8, n -= 8) {
        memcpy(&w, p, 8);
        h = hash_mix(h ^ le64toh(w), k1);
    }
    w = 0;
    if (n >= 4) { // the first and the last four of the rest overlap: no byte is read past the end
        uint32_t a, b;
        memcpy(&a, p, 4);
        memcpy(&b, p + n - 4, 4);
        w = (uint64_t)le32toh(a) << 32 | le32toh(b);
    } else if (n > 0) {
        w = (uint64_t)(unsigned char)p[0] << 16 | (uint64_t)(unsigned char)p[n >> 1] << 8 |
            (unsigned char)p[n - 1];
    }
    h = hash_mix(h ^ w ^ (uint64_t)n << 56, k1);
    return (uint32_t)(h ^ h >> 32);
}

// FNV-1a, for fingerprints: stable over releases and machines. Feed parts in order.
#define HASH_STABLE_INIT 0xcbf29ce484222325u
static inline uint64_t hash_stable(uint64_t h, str s)
{
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
    return (h ^ 0xff) * 0x100000001b3u; // a byte that UTF-8 never has ends each part
}

#endif
