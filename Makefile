# Tidemark. `make run` and `make test` are all a user needs; both install what is missing.
# V=1 shows every command, J=N works with N processes (default: one for each processor), as -jN
# does.
VERSION := 0.1.0
.DEFAULT_GOAL := all
J ?= $(shell nproc 2>/dev/null || echo 2)
# The make that a person starts sets the number; those below it share it. A -j on the command line
# is stronger than this, and one in the environment is kept: make shows neither to its makefile.
ifeq ($(MAKELEVEL),0)
ifeq ($(filter -j%,$(shell echo "$$MAKEFLAGS")),)
MAKEFLAGS += -j$(J)
endif
endif
# Several of these on one command line are done one after the other: `make clean all`.
ONE_BY_ONE := clean deps deps-test install run lint bench check% test fuzz attack
ifneq ($(and $(word 2,$(MAKECMDGOALS)),$(filter $(ONE_BY_ONE),$(MAKECMDGOALS))),)
.NOTPARALLEL:
endif
ifeq ($(V),1)
say =
else
say = @$(if $(findstring s,$(firstword -$(MAKEFLAGS))),,$(info $(empty)  $1	$(or $2,$@)))
endif
empty :=
comma := ,
SUB := +@$(MAKE) --no-print-directory
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wvla -Wformat=2 -Wundef -Wwrite-strings -Wimplicit-fallthrough -Werror
ifeq ($(origin CC),default)
CC := gcc
endif
B := build
SAN ?=
# What is compiled and put together on the way to the programs. QUICK is how `make run` builds, who
# is awaited: hardened like the others, a directory as one source, fully optimised where every row
# comes through (HOT), and without what only debuggers and linters read; in a room of its own, so
# that every other build is whole.
ifdef QUICK
O := $(B)/quick
OPT ?= -Og
WARN := -w
# What every row of every source goes through.
HOT := lib/base/arena lib/base/buf lib/base/hash lib/base/json lib/base/str lib/base/utf8 \
	lib/db/sqlite lib/provider/web/csv lib/provider/web/jscan lib/provider/web/jtext \
	lib/provider/web/text lib/sync/read/apply lib/sync/read/compare lib/sync/read/intake \
	lib/sync/read/match lib/sync/read/parsed_in lib/sync/read/parsed_serve \
	lib/sync/read/parsed_take lib/table/canon lib/table/columns lib/table/keys lib/table/types
# Of these some programs take what reaches no network, and no more.
APART := lib/base/inflate.c lib/access/% lib/net/% lib/oauth/% lib/send/% $(if $(MORE),$(MORE)/%)
cold = $(filter-out $(HOT:%=%.c) $(APART),$1)
objects = $(patsubst %.c,$(O)/%.o,$(filter-out $(cold),$1)) \
	$(patsubst %/,$(O)/%.o,$(sort $(dir $(cold))))
else
O := $(B)/obj
OPT ?= -O2 -g
WARN := $(WARNINGS)
# SAME: where another build has its objects, with the same options but for STEPS; only what steps
# are compiled into is compiled again (tests/lint/build.t).
ifdef SAME
STEPPED := TIDEMARK_STEPS|"base/step\.h"|"sync/write/flaw\.h"
STEPPED := $(shell grep -rlE --include='*.c' '$(STEPPED)' lib cgi-src tests/fake)
objects = $(patsubst %.c,$(O)/%.o,$(filter $(STEPPED),$1)) \
	$(patsubst %.c,$(SAME)/%.o,$(filter-out $(STEPPED),$1))
else
objects = $(patsubst %.c,$(O)/%.o,$1)
endif
endif
# What the OpenSSF's list of options has for these compilers. The code keeps to the rules of
# aliasing, overflow and null; if it once did not, that would be no hole.
CLANG_ZERO := -enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang
HARD := -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fPIE \
	-fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing \
	-ftrivial-auto-var-init=zero $(if $(findstring clang,$(CC)),$(CLANG_ZERO),-Wtrampolines) \
	$(if $(filter x86_64,$(shell uname -m)),-fcf-protection=full) \
	$(if $(filter aarch64,$(shell uname -m)),-mbranch-protection=standard)
CPPFLAGS += -D_GNU_SOURCE -D_TIME_BITS=64 -D_FILE_OFFSET_BITS=64 \
	-DTIDEMARK_VERSION='"$(VERSION)"' -Ilib -Icgi-src -I$(B)/gen \
	$(shell pkg-config --cflags json-c 2>/dev/null)
SAN_FLAGS := -fno-omit-frame-pointer -fno-sanitize-recover=all -fPIE
CFLAGS := -std=c11 $(OPT) $(WARN) \
	$(if $(SAN),-fsanitize=$(SAN) $(SAN_FLAGS),$(HARD))
LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed $(if $(SAN),-fsanitize=$(SAN))
ifdef STEPS
CPPFLAGS += -DTIDEMARK_STEPS
endif

# Kinds of source of one's own: MORE is a directory with their files and the rows more_kinds.def,
# more_providers.def, more_oauth.def, more_quota.def and more_conf.def, each of which may be
# empty. tests/toy is one.
MORE ?=
ifneq ($(MORE),)
CPPFLAGS += -DTIDEMARK_MORE -I$(MORE)
endif
LIB_SRC := $(sort $(shell find lib -name '*.c')) \
	$(if $(MORE),$(filter-out $(MORE)/test_%,$(wildcard $(MORE)/*.c)))
LIB_OBJ := $(call objects,$(LIB_SRC))
LIB := $(O)/libtidemark.a
# For tests/mutate: the library as one shared object (LD_LIBRARY_PATH says which), so that a changed
# file is a compilation and a link away from every unit test; with COVER one that counts its lines.
ifdef SHARED
LIB := $(O)/libtidemark.so
CFLAGS += -fPIC
endif
ifdef COVER
CFLAGS += -O0 --coverage
LIB_OBJ += $(O)/tests/mutate/leave.o
endif
# A program a directory; every other directory of cgi-src belongs to tidemark-fcgi.
TICK_SRC := $(wildcard cgi-src/tick/*.c)
WORKER_SRC := $(wildcard cgi-src/worker/*.c)
CTL_SRC := $(wildcard cgi-src/ctl/*.c)
STREAM_SRC := $(wildcard cgi-src/stream/*.c)
CGI_SRC := $(sort $(shell find cgi-src -name '*.c'))
WEB_SRC := $(filter-out $(TICK_SRC) $(WORKER_SRC) $(CTL_SRC) $(STREAM_SRC),$(CGI_SRC))
WEB_OBJ := $(call objects,$(WEB_SRC))
# The stand-in for Google: a program for demonstrations and tests of whole programs, a library for
# unit tests. net.c and clock.c are no part of it: tests preload them into programs.
FAKE_SRC := $(sort $(shell find tests/fake -name '*.c' ! -name net.c ! -name clock.c))
FAKE_OBJ := $(call objects,$(FAKE_SRC))
FAKE_MAIN := $(call objects,$(filter tests/fake/main/%,$(FAKE_SRC)))
FAKE_LIB := $(O)/libfake.a
$(FAKE_OBJ): CPPFLAGS += -Itests
ifdef QUICK
$(HOT:%=$(O)/%.o): CFLAGS += -O2
$(FAKE_OBJ): CFLAGS += -O0
# These are compiled nowhere else.
MORE_CFLAGS := $(filter-out -w,$(CFLAGS)) $(WARNINGS)
$(O)/$(or $(MORE),none)/%.o $(B)/tests/more/%: private CFLAGS := $(MORE_CFLAGS)
endif
SQL := $(wildcard sql/*.sql)
STATIC := $(sort $(shell find static -type f))
VIEWS := $(sort $(shell find cgi-src -path '*/view/*.html'))
PROGRAMS := $(B)/tidemark-fcgi $(B)/tidemark-tick $(B)/tidemark-worker $(B)/tidemark-stream \
	$(B)/tidemark $(B)/tidemark-fake

BASE_LIBS := -ljson-c -lsqlite3 -lcrypto -lcrypt -linih -lseccomp -lunistring
SOURCE_LIBS := -lcurl -lz -lm -luchardet

.PHONY: all run test check lint bench fuzz clean deps deps-test install
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all
all: $(PROGRAMS)

# Names (sql.h) and texts (sql_texts.h) apart, each touched only when it changes: a changed text
# rebuilds the few objects that hold texts.
$(B)/gen/sql.made: $(SQL) lib/base/embed.awk
	@mkdir -p $(@D)
	$(call say,GEN,$(@D)/sql.h)awk -v mode=sql -f lib/base/embed.awk $(SQL) < /dev/null \
		> $(@D)/sql.h.new
	@awk -v mode=texts -f lib/base/embed.awk $(SQL) < /dev/null > $(@D)/sql_texts.h.new
	@for f in sql.h sql_texts.h; do \
		cmp -s $(@D)/$$f.new $(@D)/$$f || cp $(@D)/$$f.new $(@D)/$$f; \
		rm $(@D)/$$f.new; \
	done
	@touch $@
$(B)/gen/sql.h $(B)/gen/sql_texts.h: $(B)/gen/sql.made ;
# A generated header is put in place only when it says something new, so that what includes it is
# not built again for nothing. The directories stand for files that went away.
$(B)/gen/views.h: $(B)/gen/views.made ;
$(B)/gen/views.made: $(VIEWS) $(sort $(dir $(VIEWS))) lib/base/embed.awk
	@mkdir -p $(@D)
	$(call say,GEN,$(@:.made=.h))awk -v mode=view -f lib/base/embed.awk $(VIEWS) < /dev/null \
		> $@.new
	@cmp -s $@.new $(@:.made=.h) || cp $@.new $(@:.made=.h)
	@mv $@.new $@
# Names the static files by content: pages refer to /static/<this name>/..., which is kept for good.
$(B)/gen/assets.h: $(B)/gen/assets.made ;
$(B)/gen/assets.made: $(STATIC) $(sort $(dir $(STATIC)))
	@mkdir -p $(@D)
	$(call say,GEN,$(@:.made=.h))sum=$$(cat $(STATIC) | sha256sum | cut -c1-12); \
		echo "#define TIDEMARK_ASSETS \"$$sum\"" > $@.new
	@cmp -s $@.new $(@:.made=.h) || cp $@.new $(@:.made=.h)
	@mv $@.new $@

SRC := $(LIB_SRC) $(CGI_SRC) $(FAKE_SRC)
.SECONDEXPANSION:
$(O)/%.o: %.c | $(B)/gen/sql.h $(B)/gen/sql_texts.h $(B)/gen/views.h $(B)/gen/assets.h $$(@D)/
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# A directory as one source: no two of its files use a name for two things (tests/lint/build.t).
ifdef QUICK
$(O)/%.o: $(O)/%.c | $(B)/gen/sql.h $(B)/gen/sql_texts.h $(B)/gen/views.h $(B)/gen/assets.h
	$(call say,CC,$*/)$(CC) -I. $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
$(O)/%.c: %/ Makefile | $$(@D)/
	@printf '#include "%s"\n' $(call cold,$(filter $(wildcard $*/*.c),$(SRC))) > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
.SECONDARY:
endif

.PRECIOUS: $(O)/%/
$(O)/%/:
	@mkdir -p $@

$(LIB): $(LIB_OBJ)
	@rm -f $@
	$(if $(SHARED),$(call say,LD)$(CC) $(CFLAGS) -shared -Wl$(comma)-soname$(comma)$(@F) -o $@ \
		$(LIB_OBJ) $(BASE_LIBS) $(SOURCE_LIBS),$(call say,AR)ar rcs $@ $(LIB_OBJ))

$(B)/tidemark-fcgi: $(WEB_OBJ) $(LIB)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) -lfcgi $(BASE_LIBS)
$(B)/tidemark-tick: $(call objects,$(TICK_SRC)) $(LIB)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(BASE_LIBS)
$(B)/tidemark-stream: $(call objects,$(STREAM_SRC)) $(LIB)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(BASE_LIBS)
$(B)/tidemark-worker: $(call objects,$(WORKER_SRC)) $(LIB)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(BASE_LIBS) \
		$(SOURCE_LIBS)
$(B)/tidemark: $(call objects,$(CTL_SRC)) $(LIB)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(BASE_LIBS)

$(FAKE_LIB): $(filter-out $(FAKE_MAIN),$(FAKE_OBJ))
	@rm -f $@
	$(call say,AR)ar rcs $@ $^
$(B)/tidemark-fake: $(FAKE_MAIN) $(FAKE_LIB) $(LIB)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(BASE_LIBS)

# Unit tests: each tests/unit/test_NAME.c is a program of its own. Simulations aside, their own code
# takes longer to optimise than to run; and that linker is twice as fast.
UNIT_OPT := $(if $(SAN),-O0 -Wno-clobbered,-Og)
UNIT_LD := $(if $(shell command -v ld.gold),-fuse-ld=gold)
UNIT := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))
$(B)/tests/unit/%: tests/unit/%.c $(FAKE_LIB) $(LIB)
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) -Itests $(CFLAGS) \
		$(if $(filter test_sim%,$*),,$(UNIT_OPT)) $(LDFLAGS) $(UNIT_LD) -MMD -MP -MF $@.d \
		-o $@ $< $(FAKE_LIB) $(LIB) -lcmocka $(BASE_LIBS) $(SOURCE_LIBS)

MORE_TESTS := $(if $(MORE),$(patsubst $(MORE)/%.c,$(B)/tests/more/%,$(wildcard $(MORE)/test_*.c)))
$(B)/tests/more/%: $(MORE)/%.c $(LIB)
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) -Itests $(CFLAGS) $(LDFLAGS) -MMD -MP -MF $@.d -o $@ $< \
		$(LIB) -lcmocka $(BASE_LIBS) $(SOURCE_LIBS)
tests-more: all $(MORE_TESTS)
.PHONY: tests-more

# They start the stand-in.
$(B)/tests/unit/test_oauth $(B)/tests/unit/test_grant: | $(B)/tidemark-fake

# sql.h is included by everything that includes db.h: a new statement rebuilds those, a changed
# text does not.
-include $(shell find $(O) $(B)/tests -name '*.d' 2>/dev/null)

# Packages of Debian 12. What is there already is left alone.
DEPS_BUILD := gcc libc6-dev libcrypt-dev pkg-config libfcgi-dev libcurl4-openssl-dev \
	libsqlite3-dev libjson-c-dev libssl-dev libinih-dev libseccomp-dev \
	libunistring-dev zlib1g-dev libuchardet-dev
DEPS_RUN := nginx-light ca-certificates tzdata
DEPS_TEST := perl python3 python3-dateutil python3-phonenumbers \
	openssl wrk time sqlite3 systemd binutils checksec \
	libcmocka-dev clang clang-tidy clang-format libclang-rt-dev chromium
deps:
	@sh nginx/deps.sh $(DEPS_BUILD) $(DEPS_RUN)
deps-test: deps
	@sh nginx/deps.sh $(DEPS_TEST) \
		$$(node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' \
			2>/dev/null || echo nodejs npm)

run: deps
	$(SUB) QUICK=1 all
	@exec sh nginx/run.sh "$(B)"

#
# Tests. `make check` needs no browser; `make test` is all of it. Both end with "N passed, N
# failed", counted in TAP tests.
#
STEPS_B := $(B)/steps
TOY_B := $(B)/toy
SAN_B := $(B)/san
RESULTS := $(B)/results
# Tests wait more than they work, and none looks at how long it takes: twice as many at once.
AT_ONCE = $(shell echo $$((2 * $(J))))
.PHONY: tests-built steps-built toy-built san-built check-plain check-san check-browser
tests-built: all $(UNIT)

# Unit tests are built with the points at which they kill a process (lib/base/step.h); pages and
# interface are tested with the programs as shipped.
steps-built: all
	$(SUB) B=$(STEPS_B) STEPS=1 SAME=$(O) tests-built
san-built:
	$(SUB) B=$(SAN_B) SAN=address,undefined OPT='-O1 -g1' STEPS=1 tests-built
# The programs with a kind that nobody else knows of.
toy-built:
	$(SUB) B=$(TOY_B) MORE=tests/toy QUICK=1 tests-more
check-plain: all steps-built toy-built
	@TIDEMARK_BUILD=$(B) TIDEMARK_STEPS_BUILD=$(STEPS_B) TIDEMARK_TEST_TOY=$(TOY_B) tests/run \
		-o $(RESULTS) -j$(AT_ONCE) tests/lint $(STEPS_B)/tests/unit $(TOY_B)/tests/more \
		tests/toy tests/sql tests/table tests/fuzz tests/http tests/sync tests/bench
check-san: san-built
	@TIDEMARK_BUILD=$(SAN_B) TIDEMARK_STEPS_BUILD=$(SAN_B) tests/run -o $(RESULTS) \
		-j$(AT_ONCE) $(SAN_B)/tests/unit tests/fuzz tests/sync
check-browser: all
	@TIDEMARK_BUILD=$(B) tests/run -o $(RESULTS) -b tests/browser

check:
	@mkdir -p $(B) && rm -f $(RESULTS)
	+@$(MAKE) --no-print-directory check-plain || echo 'check-plain' >> $(RESULTS)
	@tests/run -s $(RESULTS)

# Tests wait more than they work. While the first of them do, those in a browser and the sanitizers'
# build take what is left of the processors; while those under the sanitizers do, a second compiler
# and its checks. What was said beside is shown at the end.
part = +@$2 $(MAKE) --no-print-directory $1 $(if $2,> $(B)/beside.$1 2>&1) || echo $1 >> $(RESULTS)
LOW := nice -n 19
.PHONY: test-first test-last test-plain test-lint test-san-built test-san test-browser
test-first: test-plain test-browser test-san-built
test-last: test-san test-lint
test-plain:
	$(call part,check-plain)
test-san-built:
	$(call part,san-built,$(LOW))
test-lint:
	$(call part,lint,$(LOW))
test-browser:
	$(call part,check-browser,env)
test-san:
	$(call part,check-san)
test: deps-test
	@mkdir -p $(B) && rm -f $(RESULTS) $(B)/beside.*
	$(SUB) steps-built toy-built
	$(SUB) test-first
	$(SUB) test-last
	@cat $(B)/beside.*
	@tests/run -s $(RESULTS)

# What a second compiler says of every source, and its checks of the programs' own; what the
# repository's own rules are is tested by tests/lint.
TIDY_SRC := $(LIB_SRC) $(CGI_SRC)
# With these it takes a tenth less, most of which is memory.
HUGE_PAGES := GLIBC_TUNABLES=glibc.malloc.hugetlb=1
# How many states of a function the analyser follows: with its own 225000 it takes four times as
# long (make lint TIDY_NODES=225000).
TIDY_NODES := 30000
TIDY_ARGS := $(patsubst %,-Xclang %,-analyzer-config max-nodes=$(TIDY_NODES))
.PHONY: syntax
syntax: $(B)/gen/sql.h $(B)/gen/sql_texts.h $(B)/gen/views.h $(B)/gen/assets.h
	@printf '%s\n' $(TIDY_SRC) $(FAKE_SRC) | xargs -P$(J) -n8 $(CC) \
		$(CPPFLAGS) -Itests $(CFLAGS) -fsyntax-only
lint: $(B)/gen/sql.h $(B)/gen/sql_texts.h $(B)/gen/views.h $(B)/gen/assets.h
	$(SUB) CC=clang syntax
	@printf '%s\n' $(TIDY_SRC) | $(HUGE_PAGES) xargs -P$(J) -n2 clang-tidy --quiet \
		$(patsubst %,--extra-arg=%, \
		-std=c11 $(TIDY_ARGS) $(filter-out -U% %FORTIFY_SOURCE=2,$(CPPFLAGS))) \
		2>/dev/null

# The house's hand (.clang-format); tests/lint/format.t holds to it.
.PHONY: format
format:
	@clang-format -i $$(find lib cgi-src tests -name '*.[ch]' -not -path '*/node_modules/*')

bench: all
	@sh nginx/deps.sh wrk time sqlite3
	@rc=0; for part in bench people sheets calendar contacts twoway notion stream; do \
		TIDEMARK_BUILD=$(B) tests/bench/$$part || rc=1; \
	done; tests/bench/start || rc=1; exit $$rc
# Attack tools against a private instance; minutes.
.PHONY: attack
attack: all
	@sh nginx/deps.sh sqlmap wapiti slowhttptest sqlite3
	@TIDEMARK_BUILD=$(B) tests/attack/run
# Any process is killed at random moments of random syncs, and at each point of what is read and
# written at Notion, of which the suite tries a share; some 25 minutes.
.PHONY: kills
kills: all
	@sh nginx/deps.sh sqlite3
	$(SUB) B=$(STEPS_B) STEPS=1 $(STEPS_B)/tests/unit/test_sim_notion_kill
	@TIDEMARK_TEST_SHARE=1 $(STEPS_B)/tests/unit/test_sim_notion_kill
	@TIDEMARK_BUILD=$(B) tests/soak/kills $(or $(SYNCS),300) $(SEED)
# Which lines and branches of the library the unit tests run, by directory.
.PHONY: coverage mutate
coverage: deps-test
	@tests/mutate/coverage -j $(J)
# N schedules of a simulation from FIRST on, 0.02 seconds of a processor each: SIDES=calendar, two
# calendars of Google, or three, one of them and a database of Notion.
.PHONY: simulate
simulate: N := 100000
simulate: FIRST := 1
simulate: SIDES := calendar
simulate:
	$(SUB) B=$(STEPS_B) STEPS=1 $(STEPS_B)/tests/unit/test_sim_$(SIDES)_1
	@tests/sim/many $(STEPS_B)/tests/unit/test_sim_$(SIDES)_1 $(FIRST) $(N) $(J)
# Small mistakes planted one at a time in a copy of the tree: which ones does no test see? N of
# them, seconds to minutes each, after some minutes of building.
N := 20
mutate: deps-test
	@tests/mutate/mutate -n $(N) $(if $(SEED),-s $(SEED)) -j $(J)
-include tests/fuzz/fuzz.mk

# A system-wide installation; systemd units, cron line and nginx site come with it but are not
# switched on.
PREFIX ?= /usr
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/tidemark \
		$(DESTDIR)$(PREFIX)/share/tidemark $(DESTDIR)/etc/tidemark \
		$(DESTDIR)/etc/nginx/snippets $(DESTDIR)/etc/nginx/sites-available \
		$(DESTDIR)/usr/lib/systemd/system \
		$(DESTDIR)/usr/lib/sysusers.d $(DESTDIR)$(PREFIX)/share/doc/tidemark
	install -m 755 $(B)/tidemark-fcgi $(B)/tidemark-tick $(B)/tidemark-worker \
		$(B)/tidemark-stream $(B)/tidemark $(DESTDIR)$(PREFIX)/lib/tidemark/
	ln -sf ../lib/tidemark/tidemark $(DESTDIR)$(PREFIX)/bin/tidemark
	cp -R static $(DESTDIR)$(PREFIX)/share/tidemark/
	install -m 644 nginx/snippets/*.conf $(DESTDIR)/etc/nginx/snippets/
	install -m 644 nginx/site $(DESTDIR)/etc/nginx/sites-available/tidemark
	install -m 644 nginx/systemd/*.service nginx/systemd/*.socket nginx/systemd/*.timer \
		nginx/systemd/*.path nginx/systemd/*.target $(DESTDIR)/usr/lib/systemd/system/
	install -d $(DESTDIR)/usr/lib/systemd/system/tidemark-.service.d
	install -m 644 nginx/systemd/tidemark-.service.d/*.conf \
		$(DESTDIR)/usr/lib/systemd/system/tidemark-.service.d/
	install -m 644 nginx/systemd/tidemark.sysusers $(DESTDIR)/usr/lib/sysusers.d/tidemark.conf
	install -m 644 README.md nginx/cron.d $(DESTDIR)$(PREFIX)/share/doc/tidemark/
	test -e $(DESTDIR)/etc/tidemark/tidemark.env || \
		install -m 640 nginx/tidemark.env $(DESTDIR)/etc/tidemark/

clean:
	rm -rf $(B)
