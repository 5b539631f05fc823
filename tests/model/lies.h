/* SPDX-License-Identifier: MIT */
/*
 * Single lies: the model is honest, but for one answer (an operation's or a host call's), of which one thing is not true. All pairs of an
 * answer and a lie that fits it can be tried one after the other (model/program.h).
 */
#ifndef TESTS_MODEL_LIES_H
#define TESTS_MODEL_LIES_H

#include "model/linux.h"

/* An answer that the model is about to give. */
struct model_answer {
	const struct rm_sqe *sqe;		/* the operation, also of a host call that stands for one; or NULL */
	const struct rm_host_call *call;	/* the host call, or NULL */
	uint64_t offset;			/* where that stands in the region */
	int64_t result;				/* the honest one; a lie may change it */
	bool alone;				/* nothing else is pending */
};

struct model_lie {
	const char *name;
	bool (*fits)(const struct model_answer *answer);
	void (*tell)(struct model_answer *answer);
	/*
	 * HARMLESS: the honest result came as well, so nothing may be different for the program. SEEN: it cannot be, so it is counted.
	 */
	enum { LIE_PLAIN = 0, LIE_SEEN = 1, LIE_HARMLESS = 2 } kind;
};

extern const struct model_lie model_lies[];
extern const unsigned model_lies_count;
const struct model_lie *model_lie_named(const char *name);

/* With model.lies: which of the lies fit the n-th answer, bit i = lie i. */
#define MODEL_ANSWERS 512u
extern uint64_t model_lies_fit[MODEL_ANSWERS][2];

/* Called by the model for each answer: an operation is completed here; of a host call this is the result. */
void model_answer_operation(const struct rm_sqe *sqe, int32_t result);
int64_t model_answer_call(const struct rm_host_call *call, uint64_t offset, int64_t result);
/* The turn is over: words of the ring that a lie wants to be wrong now. */
void model_lie_words(void);

/* What is being tried, for whoever reads of a failure. */
extern char model_story[160];
/* What no host can bring about: the result of a call, and what it wrote into the program's memory (model/judge.c). */
void model_judge(long number, const unsigned long a[6], long result);
/* How often the runtime found the host out. */
uint64_t model_found_out(void);

#endif
