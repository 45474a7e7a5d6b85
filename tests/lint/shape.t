# The shape of the code, counted: what one reads at once, and how the files hang together. Prints
# its table with every run. The limits are those of the house; none of them is a goal to sit on.
use strict;
use warnings;
use Test::More;
use Tidemark::Lint;

use constant { COLUMNS => 100, FUNCTION => 60, NINETIETH => 25, FILE => 600, PARAMETERS => 6 };
# What is still to be mended: these only go down.
my %left = (wide => 0, nested => 0, parameters => 0, positional => 0, dialect => 0, late => 0,
	circles => 0, large => 0);

my @c = files(qr/\.[ch]$/, 'lib', 'cgi-src', 'tests/fake');
my @tests = files(qr/\.[ch]$/, 'tests/unit', 'tests/fuzz');

sub width {
	my ($line) = @_;
	1 while $line =~ s/\t/' ' x (8 - $-[0] % 8)/e;
	return length $line;
}

sub wide_lines {
	my ($path, $text) = @_;
	my $n = 0;
	return map { $n++; width($_) > COLUMNS ? "$path:$n: " . width($_) . ' columns' : () }
	    split /\n/, $text;
}

# A conditional in any arm or in the question of another, up to the end of its expression.
sub nested_conditionals {
	my ($path, $text) = @_;
	my ($line, @found, @open) = (1);
	my $bare = bare_c($text);
	$bare =~ s/^[ \t]*#[^\n]*/Tidemark::Lint::blank($&)/gem;
	my $asked = 0;
	while ($bare =~ /([?:;,{}()\[\]\n]|\bcase\b|\bdefault\b)/g) {
		my $t = $1;
		if ($t eq "\n") { $line++ }
		elsif ($t =~ /^[(\[]$/) { push @open, $asked }
		elsif ($t =~ /^[)\]]$/) { $asked = pop @open // 0 }
		elsif ($t =~ /^[;{},]$/) { $asked = 0 }
		elsif ($t eq '?') {
			push @found, "$path:$line: ?: inside ?:" if $asked || grep { $_ } @open;
			$asked = 1;
		}
	}
	return @found;
}

# [name, line, number of parameters] of each function that is defined.
sub parameters {
	my ($text) = @_;
	my @found;
	my $bare = bare_c($text);
	while ($bare =~ /^(\w+)(\((?:[^()]|(?2))*\))\n\{/gm) {
		my ($name, $list, $at) = ($1, $2, $-[0]);
		my ($depth, $n) = (0, 1);
		for ($list =~ /[(),]/g) {
			if ($_ eq '(') { $depth++ }
			elsif ($_ eq ')') { $depth-- }
			elsif ($depth == 1) { $n++ }
		}
		$n = 0 if $list =~ /^\(\s*(?:void)?\s*\)$/;
		push @found, [$name, 1 + (substr($bare, 0, $at) =~ tr/\n//), $n];
	}
	return @found;
}

# A struct by position tells nobody which member is which; three can still be seen.
sub positional_initialisers {
	my ($path, $text) = @_;
	my @found;
	my $bare = bare_c($text);
	while ($bare =~
		/\(struct \w+\)(\{((?:[^{}]|(?1))*)\})|\bstruct \w+ \w+ = (\{((?:[^{}]|(?3))*)\});/g
	) {
		my ($inner, $at) = (defined $2 ? $2 : $4, $-[0]);
		next if $inner =~ /^\s*(?:\.|\{)/;
		my ($depth, $n) = (0, 1);
		$inner =~ s/,\s*$//;
		for ($inner =~ /[(){}\[\],]/g) {
			if (/[({\[]/) { $depth++ }
			elsif (/[)}\]]/) { $depth-- }
			elsif (!$depth) { $n++ }
		}
		my $line = 1 + (substr($bare, 0, $at) =~ tr/\n//);
		push @found, "$path:$line: $n members by position" if $n > 3;
	}
	return @found;
}

# What was written by another hand.
sub dialect {
	my ($path, $text) = @_;
	my ($n, @found) = 0;
	my $qualified = qr/const|unsigned|struct|enum/;
	my $plain = qr/char|int|long|double|void|json|bool/;
	for (split /\n/, bare_c($text)) {
		$n++;
		push @found, "$path:$n: sizeof(x) is sizeof x"
		    if
		    /\bsizeof\((?!(?:$qualified |u?int\d*_t|$plain\b|sockaddr|[a-z]+_(?:t|fn)\b))/;
		push @found, "$path:$n: p == NULL is !p" if /== NULL\b/;
		push @found, "$path:$n: NULL comes second" if /\bNULL ==/;
	}
	return @found;
}

# A context is what a function is called with first.
sub context_late {
	my ($path, $text) = @_;
	my @found;
	my $bare = bare_c($text);
	while ($bare =~ /(\w+)(?:\))?\((?!struct ctx)([^()]*[,(]\s*struct ctx \*(?:\w+)?)(?=[,)])/g)
	{
		my $line = 1 + (substr($bare, 0, $-[0]) =~ tr/\n//);
		push @found, "$path:$line: $1(): struct ctx comes first";
	}
	return @found;
}

# Circles among files, through their headers: a.c -> b.h means a -> b, where x.c and x.h are one.
sub circles {
	my (%text) = @_;
	my (%to, %index, %low, %on, @stack, @found);
	my $n = 0;
	for my $path (keys %text) {
		(my $me = $path) =~ s/\.[ch]$//;
		for ($text{$path} =~ /^\s*#\s*include\s+"([^"]+)\.h"/gm) {
			my ($it) = grep { exists $text{"$_.h"} } "lib/$_", "cgi-src/$_", "tests/$_";
			$to{$me}{$it} = 1 if defined $it && $it ne $me;
		}
	}
	my $visit;
	$visit = sub {
		my ($v) = @_;
		$index{$v} = $low{$v} = $n++;
		push @stack, $v;
		$on{$v} = 1;
		for my $w (sort keys %{ $to{$v} // {} }) {
			if (!defined $index{$w}) {
				$visit->($w);
				$low{$v} = $low{$w} if $low{$w} < $low{$v}
			} elsif ($on{$w} && $index{$w} < $low{$v}) {
				$low{$v} = $index{$w}
			}
		}
		if ($low{$v} == $index{$v}) {
			my @ring;
			do { push @ring, pop @stack; delete $on{ $ring[-1] } }
			    while $ring[-1] ne $v;
			push @found, join(' <-> ', sort @ring) if @ring > 1;
		}
	};
	defined $index{$_} or $visit->($_) for sort keys %to;
	return @found;
}

# The measures bite.
is(
	scalar wide_lines('x', ("\t" x 12) . "12345\n" . ('c' x 100) . "\n"), 1,
	'a tab counts as far as it reaches'
);
is(
	scalar nested_conditionals(
		'x',
		"a ? b ? c : d : e;\na ? b : c ? d : e;\nf(a ? b : c, d ? e : f);\n"
		    . "case A: x = a ? b : c;\nf(a ? g(b ? c : d) : e);\n"
	),
	3,
	'conditionals inside conditionals are found, those beside each other are not'
);
is_deeply(
	[
		map { "$_->[0] $_->[2]" } parameters(
			"int\nf(int a, int (*b)(int, int), int c)\n{\n}\nint\ng(void)\n{\n}\n")
	],
	['f 3', 'g 0'],
	'parameters are counted, those of a callback are not'
);
is(
	scalar positional_initialisers(
		'x',
		"a = (struct a){ 1, f(2, 3), 4 };\nb = (struct b){ 1, 2, 3, 4 };\n"
		    . "struct c d = { .a = 1, .b = 2, .c = 3, .d = 4 };\n"
		    . "struct e g = { 1, 2, 3, 4, };\n"
	),
	2,
	'long initialisers by position are found'
);
is(
	scalar dialect('x', "if (p == NULL || sizeof(p) < sizeof(struct x))\n"), 2,
	'the other dialect is found'
);
is(
	scalar context_late(
		'x',
		"int f(int a, struct ctx *cx);\nint g(struct ctx *cx, int a);\nint (*h)(void *, "
		    . "struct ctx *);\n"
	),
	2,
	'a late context is found'
);
is_deeply(
	[
		circles(
			'lib/a/x.c' => qq{#include "a/y.h"\n}, 'lib/a/x.h' => '',
			'lib/a/y.h' => qq{#include "a/z.h"\n}, 'lib/a/z.h' => '',
			'lib/a/z.c' => qq{#include "a/x.h"\n}
		)
	],
	['lib/a/x <-> lib/a/y <-> lib/a/z'],
	'a circle of files is found'
);

my %text = map { $_ => slurp($_) } @c, @tests;
my @functions = map {
	my $f = $_;
	map { [$f, @$_] } functions($text{$f})
} @c, @tests;
my @parameters = map {
	my $f = $_;
	map { [$f, @$_] } parameters($text{$f})
} @c, @tests;
my @lengths = sort { $a <=> $b } map { $_->[3] } @functions;
my %lines = map { $_ => $text{$_} =~ tr/\n// } keys %text;
my @wide = map { wide_lines($_, $text{$_}) } @c, @tests;
my @nested = map { nested_conditionals($_, $text{$_}) } @c, @tests;
my @many = map { "$_->[0]:$_->[2]: $_->[1] has $_->[3]" } grep { $_->[3] > PARAMETERS } @parameters;
my @positional = map { positional_initialisers($_, $text{$_}) } @c, @tests;
my @dialect = map { dialect($_, $text{$_}) } @c, @tests;
my @late = map { context_late($_, $text{$_}) } @c, @tests;
my @circles = circles(map { $_ => $text{$_} } @c);
my @long = map { "$_->[0]:$_->[2]: $_->[1] has $_->[3]" } grep { $_->[3] > FUNCTION } @functions;
my @large = map { "$_ has $lines{$_}" } grep { $lines{$_} > FILE } sort keys %lines;
sub at_most {
	my ($what, $limit, @bad) = @_;
	cmp_ok(scalar @bad, '<=', $limit, $what)
	    or diag(map { "$_\n" } @bad > 40 ? @bad[0 .. 39] : @bad);
	diag("$what: $limit can be lowered to " . @bad) if @bad < $limit;
}
my ($largest) = sort { $lines{$b} <=> $lines{$a} } keys %lines;

cmp_ok(scalar @functions, '>', 1500, 'the functions are found');
cmp_ok(scalar @parameters, '>', 0.95 * @functions, 'and their parameters');
note sprintf '%-48s %6s  %s', @$_ for ['', 'now', 'limit'],
    ['lines over ' . COLUMNS . ' columns', scalar @wide, $left{wide}],
    ['conditionals inside conditionals', scalar @nested, $left{nested}],
    ['functions with more than ' . PARAMETERS . ' parameters', scalar @many, $left{parameters}],
    ['structs of four members and more by position', scalar @positional, $left{positional}],
    ['lines in another dialect', scalar @dialect, $left{dialect}],
    ['functions whose context comes late', scalar @late, $left{late}],
    ['longest function, lines', $lengths[-1], FUNCTION],
    ['function at the 90th percentile, lines', $lengths[int(@lengths * 0.9)], NINETIETH],
    ["longest file, lines", $lines{$largest}, FILE],
    ['circles of files', scalar @circles, $left{circles}],
    ['functions', scalar @functions, ''],
    ['files', @c + @tests, ''];
at_most('no line is wider than ' . COLUMNS . ' columns', $left{wide}, @wide);
at_most('no conditional stands inside another', $left{nested}, @nested);
at_most('no function has more than ' . PARAMETERS . ' parameters', $left{parameters}, @many);
at_most('structs of four members and more are initialised by name', $left{positional}, @positional);
at_most('one dialect', $left{dialect}, @dialect);
at_most('the context comes first', $left{late}, @late);
none_of('no function is longer than ' . FUNCTION . ' lines', @long);
cmp_ok(
	$lengths[int(@lengths * 0.9)], '<=', NINETIETH + 1,
	'nine functions of ten fit on half a screen'
);
at_most('no file is longer than ' . FILE . ' lines', $left{large}, @large);
at_most('no files include each other in a circle', $left{circles}, @circles);

done_testing;
