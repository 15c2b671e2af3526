// Counts allocations and samples program counters in a program that it is preloaded into (see probe.c).
#ifndef PROBE_H
#define PROBE_H

// Calls of malloc, calloc, realloc and the aligned ones so far.
unsigned long probe_allocations(void);

#endif
