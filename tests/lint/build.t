# What the Makefile promises whoever works here: all by default, a line a file, every processor,
# and nothing built again for nothing.
use strict;
use warnings;
use File::Temp ();
use Test::More;
use Tidemark::Lint;

delete @ENV{ grep { /^(?:MAKE|MFLAGS|GNUMAKEFLAGS|V$|J$|B$|CPPFLAGS$)/ } keys %ENV };
my $dir = File::Temp->newdir('tmXXXXXX', TMPDIR => 1);

# What make says when it builds into the directory, and its exit code in $?.
sub make { my ($args) = @_; return scalar `make --no-print-directory B='$dir' $args 2>&1` }

my $plan = make('-n');
is($?, 0, 'make alone can be planned') or diag $plan;
like($plan, qr{ -o \Q$dir\E/$_ }, "make alone builds $_")
    for qw(tidemark tidemark-fcgi tidemark-tick tidemark-worker tidemark-stream tidemark-fake);

my $object = "$dir/obj/lib/base/arena.o";
my $said = make($object);
like($said, qr{^  CC\tlib/base/arena\.c$}m, 'a line names the source');
is(scalar(grep { !/^  [A-Z]+\t\S+$/ } split /\n/, $said), 0, 'and there are no others')
    or diag $said;
unlink $object;
like(
	make("V=1 $object"), qr{^\S+ .*-c -o \Q$object\E lib/base/arena\.c$}m,
	'with V=1 the command is shown'
);
unlink $object;
is(make("-s $object"), '', 'with -s nothing is');

# A rule of its own that tells with how many jobs it runs.
my $probe = "$dir/probe.mk";
open my $f, '>', $probe or die $!;
print $f "include Makefile\nprobe:\n\t\$(SUB) -f $probe below\nbelow:\n"
    . "\t\@echo 'flags: \$(MAKEFLAGS)'\n";
close $f;
like(make("-f $probe J=3 probe"), qr/flags: .*-j3\b/, 'as many jobs as J says, below too');
like(make("-f $probe probe"), qr/flags: .*-j\d/, 'or as there are processors');
like(make("-f $probe -j5 probe"), qr/flags: .*-j5\b/, 'an order of its own goes before');
unlike(make("-f $probe $_ probe"), qr/warning/i, "no complaint: make $_")
    for '', '-j5', '-j1', 'J=3';
{
	local $ENV{MAKEFLAGS} = '-j6';
	like(make("-f $probe probe"), qr/flags: .*-j6\b/, 'also in MAKEFLAGS');
}

my ($page) = grep { slurp($_) =~ /^#include "views\.h"/m } files(qr/\.c$/, 'cgi-src');
$object = "$dir/obj/" . ($page =~ s/\.c$/.o/r);
make($object);
is($?, 0, 'a source with generated headers');
for my $file ((files(qr/\.html$/, 'cgi-src'))[0], (files(qr/\.css$/, 'static'))[0]) {
	$said = make("-W $file $object");
	like($said, qr/^  GEN\t/m, "$file is read again when it is newer");
	unlike($said, qr/^  CC\t/m, 'but with the same content nothing is compiled');
}

# Where the build with steps takes objects of the one without (SAME), there is nothing of steps in
# them: what else of a header changes with TIDEMARK_STEPS is declarations.
my ($stepped) = slurp('Makefile') =~ /^STEPPED := (.*\|.*)$/m;
my @steps = map { m{^lib/(.*)} } grep {
	my ($part) = slurp($_) =~ /^#ifdef TIDEMARK_STEPS\n(.*?)^#endif/ms;
	($part // '') =~ /^#(?:define|else)|^static inline/m
} files(qr/\.h$/, 'lib', 'cgi-src', 'tests/fake');
is("@steps", 'base/step.h sync/write/flaw.h', 'headers with more than declarations for steps');
is(scalar(grep { qq{#include "$_"} !~ /$stepped/ } @steps), 0, 'who includes one is known by it');
for my $header (@steps) {
	is(
		join(' ', grep { slurp($_) =~ /^#include "\Q$header\E"/m }
			files(qr/\.(?:h|def)$/, 'lib', 'cgi-src', 'tests/fake')),
		'', "$header is included by sources alone"
	);
}
open $f, '>', $probe or die $!;
print $f "include Makefile\nprobe:\n\t\@printf '%s\\n' \$(LIB_OBJ) \$(WEB_OBJ) \$(FAKE_OBJ)\n";
close $f;
my @objects = split /\n/, make("-s -f $probe STEPS=1 SAME=elsewhere probe");
my %knows = map { s/\.c$/.o/r => slurp($_) =~ /$stepped/ ? 1 : 0 } $plan =~ / -c -o \S+ (\S+)$/mg;
is(
	join(' ', grep { m{^\Q$dir\E/obj/(.*)} && !$knows{$1} || m{^elsewhere/(.*)} && $knows{$1} }
		@objects),
	'', 'no other source is compiled again'
);
cmp_ok(scalar(grep { m{^elsewhere/} } @objects), '>', @objects / 2, 'most are taken from there');

# What `make run` builds is quicker to build and as hard: a directory as one source.
my $quick = make('-n QUICK=1');
my %flags = map { /^gcc (.*) -c -o \Q$dir\E\/quick\/(\S+)\.o \S+$/ ? ($2 => $1) : () }
    split /\n/, $quick;
my %of = map { $_ => $_ } grep { -f "$_.c" } keys %flags;    # the object that a source is in
my @whole;
for (split /\n/, $quick) {
	my ($list, $object) = /^printf '[^']*' (.*) > \Q$dir\E\/quick\/(\S+)\.c\.new$/ or next;
	push @whole, $object;
	$of{s/\.c$//r} .= $object for split ' ', $list;
}
is_deeply(
	[sort map { "$_.c" } keys %of],
	[sort $plan =~ / -c -o \S+ (\S+)$/mg],
	'it is of the same sources'
);
is_deeply([grep { !$flags{$_} } values %of], [], 'each of them once');
my @soft = grep { $flags{$_} !~ /-D_FORTIFY_SOURCE=3 -fstack-protector-strong .*-fPIE / }
    keys %flags;
is("@soft", '', 'hardened');
is_deeply([grep { $flags{$_} =~ /-O0/ && !m{^tests/fake\b} } keys %flags], [], 'optimised');
my ($hot) = slurp('Makefile') =~ /^HOT := ((?:.*\\\n)*.*)/m;
my @cold = grep { ($flags{ $of{$_} // '' } // '') !~ / -O2(?: |$)/ } $hot =~ m{[\w/]+}g;
is("@cold", '', 'fully where every row comes through');

# So no two files of a directory, nor what they include, use a name for two things.
my $warn = "WARN='-Wall -Wextra -Wredundant-decls'";
sub complaints {
	return grep { /\.[ch]:\d+:(?:\d+:)? (?:fatal )?(?:error|warning)/ } split /\n/, $_[0]
}
cmp_ok(scalar @whole, '>=', 30, 'directories that are compiled as one');
$said = make("-k QUICK=1 $warn all");
is($?, 0, 'what make run builds is built to its end') or diag $said;
is(join("\n", complaints($said)), '', 'and says nothing else than file by file');
for my $program ($plan =~ m{ -o \Q$dir\E/(tidemark[\w-]*) }g) {
	ok(-x "$dir/$program", "$program is there");
}
{
	my $twice = "$dir/quick/lib/twice.c";
	open my $c, '>', $twice or die $!;
	print $c "static int count;\nint one(void);\nint one(void) { return count++; }\n"
	    . "static int count;\nint two(void);\nint two(void) { return count++; }\n";
	close $c;
	is(
		scalar complaints(make("-k QUICK=1 $warn $dir/quick/lib/twice.o")), 1,
		'a counter of two files would be seen'
	);
}
done_testing;
