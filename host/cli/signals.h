/* SPDX-License-Identifier: MIT */
#ifndef RINGMASTER_SIGNALS_H
#define RINGMASTER_SIGNALS_H

int signal_parse(const char *text);

#endif
