// A library to be preloaded into a program under test: it counts the calls that change files below one directory and
// stops the process, or fails the call, at a chosen one. See crashpoint.c for the environment variables.
#ifndef CRASHPOINT_H
#define CRASHPOINT_H

// Number of calls counted so far in this process.
unsigned long crashpoint_count(void);

#endif
