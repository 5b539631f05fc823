# SPDX-License-Identifier: MIT
#
# make check-realtime: resident enclaves keep their time while Linux attacks it (tests/realtime/run).
#
#   make check-realtime ATTACKS='flood.* cores.*'    only these       PERIODS=n   of the fastest enclave, during each attack (10000)
#   make check-realtime FULL=1                       100000 periods on one core, which takes some two hours; 2000 on two
#   make check-realtime JOBS=1                       one emulator at a time, where there are two

ATTACKS ?=
PERIODS ?= $(if $(FULL),100000,10000)

REALTIME := $(B)/tests/realtime

$(REALTIME)/bin/assault: $(addprefix tests/realtime/guest/,main.c module.c power.c flood.c load.c assault.h) tests/attack/attack.h \
		$(wildcard tests/board/lib/*.h abi/*.h) $(SDK_STAMP)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) $(B)/tests/deps && $(SDK_CC) -std=c11 -D_GNU_SOURCE -O2 -g0 -Wall -Wextra -Wshadow -Werror -Itests/board/lib -Iabi --native \
		-o $@ $(filter %.c,$^)

$(REALTIME)/bin/kexec: tests/realtime/guest/kexec.c $(SDK_STAMP)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(SDK_CC) -std=c11 -D_GNU_SOURCE -O2 -g0 -Wall -Wextra -Wshadow -Werror --native -o $@ $<

$(addprefix $(REALTIME)/bin/,rate crew): $(REALTIME)/bin/%: tests/realtime/enclave/%.c $(SDK_STAMP)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(SDK_CC) -std=c11 -D_GNU_SOURCE -O2 -g0 -Wall -Wextra -Wshadow -Werror -o $@ $<

# The folder that the guest sees.
REALTIME_USES := liar lied paced victim eat hello crash regions wakes windowed cat touch loop pattern.native beacon
REALTIME_SCRIPTS := $(addprefix $(REALTIME)/bin/,onslaught crews lies)
REALTIME_FILES := $(addprefix $(REALTIME)/bin/,assault kexec rate crew) $(addprefix $(REALTIME)/bin/,$(REALTIME_USES)) $(REALTIME_SCRIPTS) \
	$(addprefix $(REALTIME)/prog/,smc.live.enter smc.live.pages smc.live.end smc.live.resident) $(addprefix $(REALTIME)/lib/,lib.sh resident.sh) \
	$(patsubst tests/realtime/%,$(REALTIME)/%,$(wildcard tests/realtime/commands/*.sh tests/realtime/enclave/*/*.toml)) $(REALTIME)/ringmaster_attack.ko

$(addprefix $(REALTIME)/bin/,$(REALTIME_USES)): $(REALTIME)/bin/%: $(TESTS_GUEST)/bin/%
	$(Q)mkdir -p $(@D) && cp $< $@

$(REALTIME_SCRIPTS): $(REALTIME)/bin/%: tests/realtime/guest/%
	$(Q)mkdir -p $(@D) && cp $< $@

$(REALTIME)/prog/%: $(TESTS_GUEST)/prog/%
	$(Q)mkdir -p $(@D) && cp $< $@

$(REALTIME)/lib/%: $(TESTS_GUEST)/lib/%
	$(Q)mkdir -p $(@D) && cp $< $@

$(REALTIME)/commands/%.sh: tests/realtime/commands/%.sh
	$(Q)mkdir -p $(@D) && cp $< $@

$(REALTIME)/enclave/%.toml: tests/realtime/enclave/%.toml
	$(Q)mkdir -p $(@D) && cp $< $@

$(REALTIME)/ringmaster_attack.ko: $(ATTACK_MODULE)
	$(Q)mkdir -p $(@D) && cp $< $@

.PHONY: check-realtime
check-realtime: $(DEPS) bootable $(REALTIME_FILES)
	@tests/realtime/run --periods $(PERIODS) $(if $(JOBS),--jobs $(JOBS)) -- $(value ATTACKS)
