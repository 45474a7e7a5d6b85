# Tests that could not fail: a unit test that asserts nothing, an assertion of what is true anyway,
# a status of which only one is ruled out.
use strict;
use warnings;
use Test::More;
use Tidemark::Lint;

# What a test of C calls, by name, in its own file and in those that all share.
my (%calls, %asserts);
sub learn {
	my ($path, $text) = @_;
	my $bare = bare_c($text);
	my @lines = split /\n/, $bare;
	my %body = map { $_->[0] => join "\n", @lines[$_->[1] - 1 .. $_->[1] + $_->[2] - 2] }
	    functions($text);
	$body{$1} .= $2 while $bare =~ /^#define (\w+)\([^)]*\)((?:.*\\\n)*.*)$/gm;
	for my $name (keys %body) {
		$asserts{$name} ||= $body{$name} =~ /\b(?:assert_\w+|flunk|_fail)\b/;
		$calls{$name}{$_} = 1 for $body{$name} =~ /\b([A-Za-z]\w+)\b/g;
	}
}
sub asserts {
	my ($name, $seen) = @_;
	return 1 if $asserts{$name};
	return 0 if $seen->{$name}++;
	return scalar grep { $calls{$_} && asserts($_, $seen) } sort keys %{ $calls{$name} // {} };
}
# The tests of a file, by what it makes of them.
sub tests_of {
	my ($text) = @_;
	return grep { $_ ne 'name' && $_ ne 'f' }
	    $text =~ /\b(?:cmocka_unit_test\w*|[A-Z]\w*_TEST)\(\s*(\w+)/g;
}

my @c = files(qr/\.[ch]$/, 'tests/unit', 'tests/sim');
learn($_, slurp($_)) for @c;
my @tests = map { my $path = $_; map { [$path, $_] } tests_of(slurp($path)) } @c;
cmp_ok(scalar @tests, '>', 400, 'the unit tests are found');
none_of('a unit test that asserts nothing',
	map { "$_->[0]: $_->[1]" } grep { !asserts($_->[1], {}) } @tests);
learn('', "static void\nit_is_lazy(void **state)\n{\n\tno_such_thing();\n}\n");
ok(!asserts('it_is_lazy', {}), 'one of those is seen');

# The lines that assert what cannot be otherwise.
sub idle {
	my ($path, $text) = @_;
	my ($n, @found) = (0);
	for (split /\n/, $text) {
		$n++;
		push @found, "$path:$n: $_" if /^\s*(?:ok|pass)\(\s*1?\s*[,)]/
		    || /\bassert_(?:true|false|non_null|null)\((?:true|false|NULL|\d+)\)/
		    || /\bassert_\w+_equal\(([^(),]+), \g1\)/
		    || /^\s*is\((\$?\w+), \g1[,)]/
		    || /\bassert\.ok\(true\b|\bassert\.equal\((\w+), \g1\b\)/;
	}
	return @found;
}
# Of a call's answer: whether it is not this status; an error of ours would do.
sub vague {
	my ($path, $text) = @_;
	my ($n, @found) = (0);
	for (split /\n/, $text) {
		$n++;
		push @found, "$path:$n: $_" if /\bisnt\(.*\{status\},\s*\d/
		    || /\bok\(.*\{status\} != \d+[,)]/;
	}
	return @found;
}
my @all = (@c, files(qr/\.(?:t|mjs)$/, map { "tests/$_" } qw(http sync browser toy)));
none_of('an assertion of what is so anyway', map { idle($_, slurp($_)) } @all);
none_of('a status that may be any but one', map { vague($_, slurp($_)) } @all);
is(scalar(() = idle('x', "\tok(1, 'it went well');\n\tassert_int_equal(n, n);\n")), 2,
	'such are seen');
is(scalar(() = vague('x', "isnt(\$t->get('/x')->{status}, 200, 'no');\n")), 1, 'and such');

# What must hold of contacts, by the names that it has where it was asked for.
my %named;
for my $path (files(qr/\.(?:t|mjs)$/, map { "tests/$_" } qw(http sync browser))) {
	my $text = slurp($path);
	while ($text =~ /^(?:subtest|test\()\s*'((?:[A-Z]\d+|case \d+)(?:, [A-Z]\d+)*): /mg) {
		$named{$_} = 1 for split /, /, $1;
	}
}
none_of('what has no test of its name',
	grep { !$named{$_} } 'case 8', 'case 9', 'case 24', 'A8', 'A12', map { "B$_" } 1 .. 8);

done_testing;
