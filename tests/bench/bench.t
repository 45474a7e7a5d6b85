# seconds: 90
# The measurements of `make bench` still measure: each is run at a tiny size, to its end, and says
# what it is to say. Their figures are not judged here.
use strict;
use warnings;
use FindBin;
use Test::More;

plan skip_all => 'wrk is not here' if !grep { -x "$_/wrk" } split /:/, $ENV{PATH};

my %says = (
	bench => [
		'status endpoint / libfcgi hello', 'memory of a web worker', 'first sync of',
		'1 % changed', 'nothing changed', 'peak memory of a worker', 'durable write',
		'the same while', 'the ingest meanwhile',
		'tidemark-tick --once', 'claiming and settling'
	],
	people => [
		'a password', 'checking a token', '  api', '  home', '  settings',
		'  users (operator)'
	],
	contacts => [
		'first sync of', 'peak memory of a worker', 'calls of that sync', 'profiles of',
		'a profile by its address', 'a profile by its name', 'a profile by its number',
		'40 changed contacts'
	],
	calendar => [
		'month of a month with', 'week of a month with', '500 of its occurrences',
		'peak memory of a web worker'
	],
	notion => [
		'first sync of 300 pages', '  its calls, refused', 'peak memory of a worker',
		'calls of a poll of an unchanged', 'an edit there to the readable event',
		'with messages, 2 times'
	],
	stream => [
		'20 streams are open', 'memory of open streams', 'CPU while nothing happens',
		'a change to all who look on', 'CPU meanwhile'
	],
	twoway => [
		'a message to the readable event', 'a stored event to the readable one there',
		'40 messages in', 'a call of the receiver', 'the same while',
		'first sync of', 'peak memory of a worker', 'calls of that sync',
		'the undo of', '12 events written there', '  calls, refused',
		'  counted there, and here'
	],
	sheets => [
		'first sync of a sheet', 'peak memory of a worker', 'calls of that sync',
		'a message to the readable record', '40 messages in', 'the interface meanwhile',
		'8 connections due at once',
		'  calls, refused'
	],
);

# Aims are judged in one way, and not at a tiny size.
sub judged {
	my ($line, %env) = @_;
	local @ENV{qw(TIDEMARK_BENCH_TINY PERL5LIB)} =
	    ($env{tiny}, join ':', "$FindBin::Bin/../lib", $ENV{PERL5LIB} // ());
	open my $p, '-|', $^X, '-MTidemark::Bench', '-e', "line('It', 'measured', $line)" or die $!;
	local $/;
	my $said = <$p>;
	close $p;
	return ($? >> 8) . ' ' . ($said =~ /missed/ ? 'missed' : 'met');
}
for (
	["'<= 1.2', 1.2", "'<= 1.2', 1.3"], ["'p95 < 5 s', 4", "'p95 < 5 s', 5"],
	["'= 0 refused, <= 180', 0, 180", "'= 0 refused, <= 180', 1, 180"],
	["'within 8 MB', -8", "'within 8 MB', 9"], ["'15 to 60 ms', 15", "'15 to 60 ms', 14"],
	["'>= 90 %', 90", "'>= 90 %', 89"]
) {
	my ($met, $missed) = @$_;
	is(judged($met), '0 met', "$met is met");
	is(judged($missed), '1 missed', "$missed is missed");
	is(judged($missed, tiny => 1), '0 met', 'of a tiny size nothing is said');
}
isnt(judged("'<= 1.2'"), '0 met', 'an aim that nobody looks at is none');

for my $name (sort keys %says) {
	my $said = `TIDEMARK_BENCH_TINY=1 '$FindBin::Bin/$name' 2>&1`;
	is($?, 0, "$name comes to its end") or diag $said;
	unlike($said, qr/ at \S+ line \d+\.$/m, "$name has nothing to complain of") or diag $said;
	like($said, qr/^\Q$_\E.*\d/m, "$name: $_") for @{ $says{$name} };
}
done_testing;
