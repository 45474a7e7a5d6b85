# How the programs are built: what makes a mistake in them harder to use. Read from the programs
# themselves.
use strict;
use warnings;
use Test::More;
use Tidemark::Lint;

my $build = $ENV{TIDEMARK_BUILD} // 'build';
my @programs =
    grep { -x }
    map { "$build/$_" } qw(tidemark tidemark-fcgi tidemark-tick tidemark-worker tidemark-stream);
plan skip_all => 'nothing is built' if @programs != 5;
plan skip_all => 'readelf is not here' if !grep { -x "$_/readelf" } split /:/, $ENV{PATH};
plan skip_all => 'built with sanitizers' if `nm $programs[0] 2>/dev/null` =~ /__asan_init/;

# What is missing in a program, by what readelf says of it.
sub missing {
	my ($program) = @_;
	my %say =
	    map { my $option = $_; $option => scalar `readelf -W $option $program 2>/dev/null` }
	    qw(-h -l -d -n --dyn-syms);
	my %has = (
		'position-independent' =>
		    scalar($say{'-h'} =~ /Type:\s+DYN/ && $say{'-d'} =~ /FLAGS_1.*\bPIE\b/),
		'relocations read-only' => scalar($say{'-l'} =~ /GNU_RELRO/),
		'all bound at the start' => scalar($say{'-d'} =~ /BIND_NOW|FLAGS_1.*\bNOW\b/),
		'stack not executable' =>
		    scalar($say{'-l'} =~ /GNU_STACK\s+\S+\s+\S+\s+\S+\s+\S+\s+\S+\s+RW\s/),
		'nothing writable and executable' => scalar($say{'-l'} !~ /\bRWE\b/),
		'stack guarded' => scalar($say{'--dyn-syms'} =~ /__stack_chk_fail/),
		'copies checked' => scalar(
			$say{'--dyn-syms'} =~
			    /__(?:mem\w+|str\w+|s?n?v?f?printf|read|fread|\w+)_chk\b/
		),
		'no search path' => scalar($say{'-d'} !~ /R(?:UN)?PATH/),
	);
	my @missing = sort grep { !$has{$_} } keys %has;
	return @missing;
}
for my $p (@programs) {
	is(join(', ', missing($p)), '', "$p is hardened");
}

# Jumps and returns can be checked by the processor in all that is ours; the C library's own start
# code says the same only from later Debian versions on, and the whole program with it.
SKIP: {
	skip 'only for x86-64', 1 if `uname -m` ne "x86_64\n";
	my @unmarked;
	for (split /(?=^File: )/m, `readelf -nW $build/obj/libtidemark.a 2>/dev/null`) {
		push @unmarked, /\((.*?)\)/ if /^File: .*\.o\)/ && !/x86 feature: IBT, SHSTK/;
	}
	is("@unmarked", '', 'every object has marks for jumps and returns');
}

# The measure bites.
my $loose = "$build/loose.$$";
my $program = '#include <string.h>\n'
    . 'int main(int c, char **v) { char b[9]; strcpy(b, v[c - 1]); return b[0]; }\n';
my $soft = '-no-pie -fno-stack-protector -fcf-protection=none -Wl,-z,norelro,-z,execstack';
system("printf '$program' | gcc -x c -O2 $soft -o $loose - 2>/dev/null") == 0
    or diag 'gcc cannot build the example';
my @missing = missing($loose);
cmp_ok(scalar @missing, '>=', 6, 'a program without any of it is seen');
unlink $loose;

SKIP: {
	skip 'checksec is not here', scalar @programs
	    if !grep { -x "$_/checksec" } split /:/, $ENV{PATH};
	for my $p (@programs) {
		my ($line) = grep { /\Q$p\E/ } split /\n/,
		    `checksec --output=csv --file=$p 2>/dev/null`;
		is_deeply(
			[(split /,/, $line // '')[0 .. 5]],
			[
				'Full RELRO', 'Canary found', 'NX enabled', 'PIE enabled',
				'No RPATH', 'No RUNPATH'
			],
			"checksec: $p"
		) or diag $line;
	}
}
done_testing;
