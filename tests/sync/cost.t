# seconds: 8
# What a sync that finds nothing new writes, of each kind of source: so many pages of the database
# and no more, by schedule and when a person asks for it. A page is written to the log with each
# transaction that touches it.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Notion;

# One transaction claims the run, the last one ends it; what is asked of an account is counted
# between them.
my %PAGES = (
	'csv, not modified' => 13, 'csv, same bytes' => 13, 'json' => 13, 'ical' => 13,
	'google-sheets' => 15, 'google-calendar' => 16, 'google-contacts' => 15, 'notion' => 14
);
my $ASKED = 19; # with the request itself and its entry in the audit log

my ($g, $n, $t) = Tidemark::Notion->beside;
my $src = $t->source;
$g->connect($t, path => "/api/auth/google/start?for=google-$_") for qw(sheets contacts calendar);

sub quiet {
	return wait_for {
		!$t->pids('tidemark-worker')
		    && !$t->pids('tidemark-tick')
		    && !$t->sql('SELECT count(*) FROM sync WHERE finished_at IS NULL')
	}
	60;
}
# The transactions in the log: of each the tables and indexes whose pages it wrote.
sub transactions {
	my %name = map { split /\|/ } split /\n/, $t->sql('SELECT pageno, name FROM dbstat');
	my $log = file_text("$t->{home}/tidemark.db-wal");
	my ($size, $salt) = (unpack('x8N', $log), substr $log, 16, 8);
	my @all = ([]);
	for (my $at = 32; $at + 24 + $size <= length $log; $at += 24 + $size) {
		last if substr($log, $at + 8, 8) ne $salt;
		my ($page, $commit) = unpack 'NN', substr $log, $at, 8;
		push @{ $all[-1] }, $name{$page} // 'of the file itself';
		push @all, [] if $commit;
	}
	pop @all;
	return @all;
}
# Those of a sync: not what the test has written itself to begin it, nor the sign of life of the
# tick, nor, on a machine that is busy, of the run.
sub written {
	my ($do) = @_;
	quiet();
	$t->sql('PRAGMA wal_checkpoint(TRUNCATE)');
	$do->();
	quiet();
	my (undef, @all) = transactions();
	return map { @$_ } grep { "@$_" !~ /^(?:meta|sync)$/ } @all;
}
# The least of some: now and then a tree gets another page, and a day begins.
sub least {
	my ($do) = @_;
	my ($least) = sort { @$a <=> @$b } map { [written($do)] } 1 .. 4;
	return @$least;
}
# It has found nothing new twice, and nothing else is due.
sub connected {
	my ($kind, $url, %config) = @_;
	my $c = $t->connect(
		$kind, $url, name => "$kind " . ($url // ''), config => \%config,
		schedule => { frequency => 'hourly' }
	);
	is($t->wait_run($c->{lastSync}{syncId})->{status}, 'complete', 'read');
	$t->poll($c->{id}) for 1 .. 2;
	return $c->{id};
}

my $rows = join '', "id,name\n", map { "$_,person $_\n" } 1 .. 200;
$src->put('/tag.csv', $rows, etag => 'auto');
$src->put('/same.csv', $rows);
$src->put('/some.json', '[{"id": 1, "v": 2}, {"id": 2, "v": 3}]');
$src->put('/some.ics', join "\r\n", qw(BEGIN:VCALENDAR VERSION:2.0 PRODID:x BEGIN:VEVENT UID:1
    DTSTAMP:20260101T000000Z DTSTART:20261203T100000Z SUMMARY:Tea END:VEVENT END:VCALENDAR), '');
my $pages = $n->source('Tasks', { When => { date => {} } });
$n->page($pages, 'Tea', When => { date => { start => '2026-12-01' } });
my %source = (
	'csv, not modified' => [csv => $src->url('/tag.csv'), key => 'id'],
	'csv, same bytes' => [csv => $src->url('/same.csv'), key => 'id'],
	'json' => [json => $src->url('/some.json')],
	'ical' => [ical => $src->url('/some.ics')],
	'google-sheets' => [
		'google-sheets', undef,
		spreadsheet => $g->sheet('people', [['id', 'name'], [1, 'Ann']])
	],
	'google-calendar' => ['google-calendar', undef, calendar => 'primary'],
	'google-contacts' => ['google-contacts', undef],
	'notion' => ['notion', undef, dataSource => $pages],
);

for my $kind (sort keys %PAGES) {
	subtest $kind => sub {
		my $id = connected(@{ $source{$kind} });
		my @pages = least(sub { $t->poll($id) });
		cmp_ok(scalar @pages, '<=', $PAGES{$kind}, 'by schedule') or diag "@pages";
		my ($run) = $t->runs($id);
		is($run->{status}, 'complete', 'it has read') or diag explain $run;
		cmp_ok($run->{rolledUp}, '>', 0, 'and left no row of its own');
		$t->sql("UPDATE schedule SET enabled = 0, next_poll_at = NULL");
		return if $kind ne 'csv, not modified';
		@pages = least(sub { $t->cooled($id); $t->sync_and_wait($id) });
		cmp_ok(scalar @pages, '<=', $ASKED, 'when a person asks for it') or diag "@pages";
	};
}
done_testing;
