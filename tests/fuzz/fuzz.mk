# Fuzzing. `make fuzz` runs every target for FUZZ_SECONDS with clang's libFuzzer; what it learns
# is kept in $(B)/fuzzing/corpus. The seeds are run once by every `make check` ($(B)/fuzz/replay,
# any compiler).
FUZZ_SECONDS ?= 60
FUZZ_TARGETS := $(shell sed -n 's/^FUZZ(\(.*\))$$/\1/p' tests/fuzz/targets.def)
FUZZ_OBJ := $(patsubst %.c,$(O)/%.o,$(wildcard tests/fuzz/fuzz_*.c))

$(O)/tests/fuzz/%.o: CPPFLAGS += -Itests

$(B)/fuzz/replay: $(O)/tests/fuzz/replay.o $(FUZZ_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) \
		$(BASE_LIBS) $(SOURCE_LIBS)
tests-built: $(B)/fuzz/replay

$(FUZZ_TARGETS:%=$(B)/fuzz/%): $(B)/fuzz/%: tests/fuzz/entry.c $(FUZZ_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(CPPFLAGS) -Itests $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer \
		-DFUZZ_TARGET=fuzz_$* -o $@ $< $(FUZZ_OBJ) $(LIB) $(BASE_LIBS) $(SOURCE_LIBS)

.PHONY: fuzz fuzz-all
fuzz:
	@$(MAKE) --no-print-directory CC=clang B=$(B)/fuzzing \
		SAN=address,undefined,fuzzer-no-link OPT='-O1 -g' fuzz-all
fuzz-all: $(FUZZ_TARGETS:%=$(B)/fuzz/%)
	@for t in $(FUZZ_TARGETS); do \
		mkdir -p $(B)/corpus/$$t && echo "== $$t" && \
		$(B)/fuzz/$$t -max_total_time=$(FUZZ_SECONDS) -max_len=8192 -timeout=20 \
			-rss_limit_mb=1024 -print_final_stats=1 -verbosity=0 \
			-artifact_prefix=$(B)/$$t- $(B)/corpus/$$t tests/fuzz/corpus/$$t || exit \
			1; \
	done
