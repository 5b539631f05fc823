# SPDX-License-Identifier: MIT
#
# Native unit tests of host/: NAME.c here tests the files that HOST_UNIT_NAME lists.

HOST_UNIT_size := host/cli/size.c
HOST_UNIT_options := host/cli/options.c host/cli/size.c
HOST_UNIT_message := host/cli/message.c host/cli/size.c
HOST_UNIT_signals := host/cli/signals.c
HOST_UNIT_lookup := host/cli/lookup.c
HOST_UNIT_cpus := host/cli/cpus.c
HOST_UNIT_calltable := host/proxy/calltable.c
HOST_UNIT_descriptors := host/proxy/descriptors.c

HOST_UNIT_NAMES := $(patsubst HOST_UNIT_%,%,$(filter-out HOST_UNIT_NAMES HOST_UNIT_CFLAGS,$(filter HOST_UNIT_%,$(.VARIABLES))))
HOST_UNIT_CFLAGS := -std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Wshadow -Wconversion -Werror -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=all -Iabi -Ihost/cli -Ihost/proxy \
	-isystem $(B)/liburing/src/include -pthread

UNIT_TESTS += $(addprefix $(B)/unit/host_,$(HOST_UNIT_NAMES))

define host_unit_rule
$(B)/unit/host_$(1): tests/unit/host/$(1).c $(HOST_UNIT_$(1)) $(wildcard host/cli/*.h host/proxy/*.h abi/*.h) $(LIBURING) | $(DEPS)
	$$(call say,CC,$$@)
	$$(Q)mkdir -p $$(@D) && gcc $$(HOST_UNIT_CFLAGS) -o $$@ tests/unit/host/$(1).c $(HOST_UNIT_$(1)) -lcmocka
endef
$(foreach n,$(HOST_UNIT_NAMES),$(eval $(call host_unit_rule,$(n))))
