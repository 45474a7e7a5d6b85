# seconds: 5
# Pages of occurrences that Tidemark itself has put into Notion's trash, because their series is one
# page again or was deleted here, are no loss at Notion: nobody is asked about their records. What
# somebody else puts there is asked about as ever. And each page is one record, in whatever order
# those of one minute are listed.
use strict;
use warnings;
use POSIX qw(strftime);
use Test::More;
use Tidemark;
use Tidemark::Notion;

my $MANY = 25;
my ($g, $n, $t) = Tidemark::Notion->beside;
my $s = $n->source('Plans', { When => { date => {} } });
my $c = $t->connect('notion', undef, name => 'plans',
	config => { dataSource => $s, series => 'each' })->{id};
$t->wait_run($t->get("/api/connections/$c")->{json}{lastSync}{syncId});

my $now = time;
sub day { return strftime('%Y-%m-%d', gmtime $now + 86400 * $_[0]) }
sub all { return @{ $n->call(POST => "/data_sources/$s/query", {})->{results} } }
sub dated { return grep { $_->{properties}{When}{date} } all() }
sub until_so(&$) {
	my ($so, $name) = @_;
	my $v = Tidemark::wait_for { $t->sync_and_wait($c); $t->tick; $so->() } 20;
	return ok($v, $name);
}
sub records {
	my $d = $t->get("/api/connections/$c/datasets")->{json}{data}[0]{id};
	return ($d, @{ $t->get("/api/datasets/$d/records?limit=200")->{json}{data} });
}
sub told {
	my ($d, $key) = @_;
	return $t->get("/api/datasets/$d/records/$key/history")->{json}{data};
}
sub series {
	return $t->post(
		'/api/events',
		{
			title => 'Daily', startDateTime => day(0), endDateTime => day(1),
			allDay => Tidemark::true, recurrence => ["RRULE:FREQ=DAILY;COUNT=$MANY"]
		}
	)->{json}{event}{id};
}
# A read of everything, which is not held; what it lacks is gone here.
sub sweeps {
	my ($left, $name) = @_;
	my $run = $t->sync_and_wait($c);
	is($run->{status}, 'complete', $name) or diag explain $run;
	my (undef, @records) = records();
	is(scalar @records, $left, 'the records are as the pages are');
	return;
}
sub config {
	my ($series) = @_;
	my $r;
	# A push or a tick may have begun a run just before.
	Tidemark::wait_for {
		$r = $t->patch("/api/connections/$c", { config => { series => $series } });
		$r->{status} != 409;
	} 10;
	return $r;
}

my $id = series();
until_so { dated() == $MANY } 'each occurrence has a page';
sweeps($MANY + 1, 'and a record');
my ($set, @before) = records();

subtest 'a series that is one page again' => sub {
	my $r = config('one');
	is($r->{status}, 202, 'the plan asks') or return diag explain $r->{json};
	$t->post("/api/sync/$r->{json}{plan}{syncId}/approve", {});
	until_so { dated() == 1 } 'the pages go';
	$r = config('each');
	is($r->{status}, 200, 'the other way round nobody is asked')
	    or return diag explain $r->{json}{plan};
	is_deeply($r->{json}{plan}{counts}{remote}, { add => $MANY, update => 0, delete => 0 },
		'but told');
	until_so { dated() == $MANY } 'the pages are there again';
	sweeps($MANY + 1, 'what went is no loss');
	my %now = map { $_->{id} => 1 } all();
	my ($gone) = grep { !$now{ $_->{_meta}{id} } } @before;
	my @story = grep { ($_->{reason} // '') =~ /Tidemark has put it into Notion's trash/ }
	    @{ told($set, $gone->{_meta}{id}) };
	is($story[0]{action}, 'DELETED', 'the history of its record says whose doing it was');
	is($story[0]{side}, 'application', 'from this side');
};

subtest 'a series that is deleted here' => sub {
	my (undef, @was) = records();
	$t->del("/api/events/$id");
	until_so { !dated() } 'the pages go with it';
	sweeps(0, 'and are no loss');
	my @reasons = map { $_->{reason} // '' } map { @{ told($set, $_->{_meta}{id}) } } @was;
	my $with = grep { /went there with what it was a part of/ } @reasons;
	is($with, $MANY, 'their histories say why') or diag explain \@reasons;
};

subtest 'what somebody else has put into the trash is asked about' => sub {
	my @ids = map { $n->page($s, "Own $_") } 1 .. $MANY;
	$t->sync_and_wait($c);
	$n->trash($_) for @ids;
	my $run = $t->sync_and_wait($c);
	isnt($run->{status}, 'complete', 'the run is held') or diag explain $run;
};

done_testing;
