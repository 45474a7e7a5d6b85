# seconds: 8
# Most pages of the occurrences of a series are changed at once in Notion. Kept as they were, the
# series stays whole here, all that is changed beside it comes; approved, or asked about again and
# approved, each occurrence is as its page.
use strict;
use warnings;
use POSIX qw(strftime);
use Test::More;
use Tidemark;
use Tidemark::Notion;

my $MANY = 25;
my ($g, $n, $t) = Tidemark::Notion->beside;
my ($s, $c, @pages);

my $now = time;
sub day { return strftime('%Y-%m-%d', gmtime $now + 86400 * $_[0]) }
sub all { return @{ $n->call(POST => "/data_sources/$s/query", {})->{results} } }
sub dated { return grep { $_->{properties}{When}{date} } all() }
sub title { return $_[0]{properties}{Name}{title}[0]{plain_text} }
sub until_so(&$) {
	my ($so, $name) = @_;
	my $v = Tidemark::wait_for { $t->sync_and_wait($c); $t->tick; $so->() } 20;
	return ok($v, $name);
}
sub here {
	my $r = $t->get('/api/events?expand=1&limit=500&from=' . day(-9) . '&to=' . day(70));
	return [sort map { substr($_->{startDateTime}, 0, 10) . " $_->{title}" }
		    @{ $r->{json}{data} }];
}
sub answer {
	my ($run, $how) = @_;
	my $r = $t->post("/api/sync/$run->{syncId}/$how", {});
	is($r->{status}, 202, $how) or diag $r->{content};
	my $done = $t->wait_run($r->{json}{syncId});
	is($done->{status}, 'complete', 'and done') or diag explain $done;
	return $done;
}
sub asked {
	my ($run, $name, $many) = @_;
	is_deeply([$run->{error}{code}, $run->{review}{replaced}], ['needs_approval', $many], $name)
	    or diag explain $run;
	return $run;
}

# Each page but the last gets another title.
sub renamed {
	my ($word) = @_;
	$n->edit($pages[$_ - 1], Name => $n->title("$word $_")) for 1 .. $MANY - 1;
	return;
}
sub named {
	my ($word) = @_;
	return [map { day($_ - 1) . ($_ < $MANY ? " $word $_" : ' Daily') } 1 .. $MANY];
}

my $whole = [map { day($_) . ' Daily' } 0 .. $MANY - 1];

# A calendar with a series that has a page for each of its occurrences.
sub calendar {
	$s = $n->source('Plans', { When => { date => {} }, Place => { rich_text => {} } });
	$c = $t->connect('notion', undef, name => 'plans',
		config => { dataSource => $s, series => 'each' })->{id};
	$t->wait_run($t->get("/api/connections/$c")->{json}{lastSync}{syncId});
	$t->post(
		'/api/events',
		{
			title => 'Daily', startDateTime => day(0), endDateTime => day(1),
			allDay => Tidemark::true, recurrence => ["RRULE:FREQ=DAILY;COUNT=$MANY"]
		}
	);
	until_so { dated() == $MANY } 'each occurrence has a page';
	@pages = map { $_->{id} }
	    sort { $a->{properties}{When}{date}{start} cmp $b->{properties}{When}{date}{start} }
	    dated();
	$t->sync_and_wait($c);
	is_deeply(here(), $whole, 'and is here');
	return;
}

subtest 'approved, each occurrence is as its page' => sub {
	calendar();
	renamed('First');
	my $run = asked($t->sync_and_wait($c), 'it is asked about', $MANY - 1);
	is_deeply(here(), $whole, 'nothing was changed');
	answer($run, 'approve');
	$t->sync_and_wait($c);
	is_deeply(here(), named('First'), 'then each is');
	is(scalar dated(), $MANY, 'one page each');
	$t->del("/api/connections/$c?data=delete");
	$t->del("/api/events/$_->{id}")
	    for @{ $t->get('/api/events?limit=500')->{json}{data} };
};

subtest 'kept, the series stays whole, and the rest is taken in' => sub {
	calendar();
	renamed('Other');
	my $run = asked($t->sync_and_wait($c), 'it is asked about', $MANY - 1);
	answer($run, 'reject');
	is_deeply(here(), $whole, 'all are as they were');
	$n->page($s, 'Beside', When => { date => { start => day(65) } });
	is($t->sync_and_wait($c)->{status}, 'complete', 'it is not asked about by itself');
	is_deeply(here(), [@{ $whole }, day(65) . ' Beside'], 'what is new is here');
	$t->tick;
	is(title((grep { $_->{id} eq $pages[0] } all())[0]), 'Other 1', 'nothing went there');
	is($t->reset_and_wait($c, 'refetch')->{status}, 'complete', 'nor when all is read');
	is_deeply(here(), [@{ $whole }, day(65) . ' Beside']);
};

subtest 'asked about again and approved, each occurrence is as its page' => sub {
	my $run = asked($t->reset_and_wait($c, 'ask'), 'it is asked about again', $MANY - 1);
	is_deeply(here(), [@{ $whole }, day(65) . ' Beside'], 'nothing was changed');
	answer($run, 'approve');
	$t->sync_and_wait($c) for 1, 2;
	is_deeply(here(), [@{ named('Other') }, day(65) . ' Beside'], 'then each is');
	is(scalar dated(), $MANY + 1, 'one page each');
	is($t->sql('SELECT count(*) FROM outbox WHERE finished_at IS NULL'), 0, 'level');
};

done_testing;
