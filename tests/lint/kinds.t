# Error kinds that are meant for callers of the interface say nothing about a source: what reads,
# writes and signs in does not fail with one, so that no run can end with it.
use strict;
use warnings;
use Test::More;
use Tidemark::Lint;

my ($rows) = slurp('lib/base/errors.def');
my %class = $rows =~ /^ERROR\(\s*(\w+),\s*"\w+",\s*\w+,\s*(\w+),/mg;
is_deeply(
	[sort grep { $class{$_} eq 'NONE' } keys %class],
	[qw(CANCELLED ENOUGH LATER LEASE NEEDS_APPROVAL NONE)],
	'only these end a run without a failure'
);
my $callers = join '|', grep { $class{$_} eq 'CALLER' } keys %class;
cmp_ok(scalar(split /\|/, $callers), '>', 10, 'there are kinds for callers');

# A file, and why it may.
my %may = (
	'lib/net/mail.c' => 'what a mail server never takes is told to the lane, not to a run',
	'lib/net/reach.c' => 'a setting of the operator',
	'lib/sync/read/preview.c' => 'a preview answers a person',
);

sub wrong {
	my ($path, $text) = @_;
	my ($n, @found) = 0;
	for (split /\n/, bare_c($text)) {
		$n++;
		push @found, "$path:$n: $_"
		    if /\bfail\s*\(.*\bE_(?:$callers)\b/ || /^\s+[\w>.-]+,\s*E_(?:$callers)\b,/;
	}
	return @found;
}

ok(wrong('lib/net/x.c', "\tx = fail(cx, E_INPUT, NULL);\n"), 'one is found');
ok(wrong('lib/net/x.c', "\tx = fail(\n\t    cx, E_INPUT, NULL);\n"), 'over two lines too');
ok(!wrong('lib/net/x.c', "\tx = fail(cx, E_URL, NULL);\n"), 'others may be');

my @files = files(qr/\.c$/, qw(lib/net lib/provider lib/sync));
cmp_ok(scalar @files, '>', 60, 'the files are found');
none_of('no reading or writing fails with a kind for callers',
	map { wrong($_, slurp($_)) } grep { !$may{$_} } @files);
ok(wrong($_, slurp($_)), "$_ still needs its exception") for sort keys %may;

done_testing;
