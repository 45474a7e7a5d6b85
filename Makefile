# Tidemark. `make run` and `make test` are all a user needs; both install what is missing.
VERSION := 0.1.0
CC ?= gcc
B := build
SAN ?=
OPT ?= -O2 -g
WARN := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla -Wformat=2 -Wundef -Wwrite-strings -Wimplicit-fallthrough -Werror
HARD := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fPIE -ftrivial-auto-var-init=zero
CPPFLAGS += -D_GNU_SOURCE -D_TIME_BITS=64 -D_FILE_OFFSET_BITS=64 -DTIDEMARK_VERSION='"$(VERSION)"' -Ilib -Icgi-src -I$(B)/gen $(shell pkg-config --cflags json-c libical 2>/dev/null)
CFLAGS := -std=c11 $(OPT) $(WARN) $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all -fPIE,$(HARD))
LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed $(if $(SAN),-fsanitize=$(SAN))
ifdef STEPS
CPPFLAGS += -DTIDEMARK_STEPS
endif

LIB_SRC := $(wildcard lib/*/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(B)/obj/%.o)
LIB := $(B)/libtidemark.a
WEB_SRC := $(filter-out cgi-src/app.c cgi-src/tick.c cgi-src/worker.c cgi-src/ctl.c,$(wildcard cgi-src/*.c))
WEB_OBJ := $(WEB_SRC:%.c=$(B)/obj/%.o)
SQL := $(wildcard sql/*.sql)
VIEWS := $(wildcard cgi-src/view/*.html)
PROGRAMS := $(B)/tidemark-fcgi $(B)/tidemark-tick $(B)/tidemark-worker $(B)/tidemark

BASE_LIBS := -ljson-c -lsqlite3 -lcrypto -linih
SOURCE_LIBS := -lcurl -lcsv -lical

.PHONY: all run test check lint bench fuzz clean deps deps-test install
.DELETE_ON_ERROR:
all: $(PROGRAMS)

$(B)/gen/sql.h: $(SQL) lib/base/embed.awk
	@mkdir -p $(@D)
	awk -v mode=sql -f lib/base/embed.awk $(SQL) > $@
$(B)/gen/views.h: $(VIEWS) lib/base/embed.awk
	@mkdir -p $(@D)
	awk -v mode=view -f lib/base/embed.awk $(VIEWS) > $@

$(B)/obj/%.o: %.c | $(B)/gen/sql.h $(B)/gen/views.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(LIB): $(LIB_OBJ)
	@rm -f $@
	ar rcs $@ $(LIB_OBJ)

$(B)/tidemark-fcgi: $(B)/obj/cgi-src/app.o $(WEB_OBJ) $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) -lfcgi $(BASE_LIBS)
$(B)/tidemark-tick: $(B)/obj/cgi-src/tick.o $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(BASE_LIBS)
$(B)/tidemark-worker: $(B)/obj/cgi-src/worker.o $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(BASE_LIBS) $(SOURCE_LIBS)
$(B)/tidemark: $(B)/obj/cgi-src/ctl.o $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(BASE_LIBS)

# sql.h is included by everything that includes db.h: a changed statement rebuilds those.
-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

clean:
	rm -rf $(B)
