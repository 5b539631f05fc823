# SPDX-License-Identifier: MIT
#
# The demonstration of `make run`: in the guest /usr/lib/ringmaster/demo and its parts.

DEMO_BUILD := $(B)/examples/demo
DEMO_PARTS := $(addprefix $(DEMO_BUILD)/,digest digest.native look ringmaster_attack.ko)
DEMO_CC := $(SDK_CC) -std=c11 -D_GNU_SOURCE -O2 -g0 -Wall -Wextra -Wshadow -Werror

GUEST_FILES += examples/demo/demo:/usr/lib/ringmaster/demo:755 \
	$(foreach p,$(DEMO_PARTS),$(p):/usr/lib/ringmaster/demo.d/$(notdir $(p)):755)

# Without a command of the user's, the demonstration gets this folder to read from.
ifeq ($(value CMD),)
run: SHARE := $(CURDIR)
endif

$(DEMO_BUILD)/digest $(DEMO_BUILD)/digest.native: $(wildcard examples/demo/*.[ch]) $(SDK_STAMP)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(DEMO_CC) $(if $(findstring .native,$@),--native) -o $@ examples/demo/digest.c examples/demo/sha256.c

$(DEMO_BUILD)/look: examples/demo/look.c tests/board/lib/attack.h tests/board/lib/t.h tests/attack/attack.h $(SDK_STAMP)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(DEMO_CC) --native -Itests/board/lib -o $@ $<

$(DEMO_BUILD)/ringmaster_attack.ko: $(ATTACK_MODULE)
	$(Q)mkdir -p $(@D) && cp $< $@

# A test runs it: promise.example.
EXAMPLE_SUMS := $(TESTS_GUEST)/bin/sums $(TESTS_GUEST)/bin/sums.native
tests: $(EXAMPLE_SUMS)

$(EXAMPLE_SUMS): examples/sums/sums.c $(SDK_STAMP)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(DEMO_CC) $(if $(findstring .native,$@),--native) -o $@ $<
