# seconds: 12
# Pages of Notion for the occurrences of a series, and what a person has written in them: a series
# that is moved takes its pages along, what is taken out of the trash comes back, nothing that
# somebody has written goes, and an answer that is lost leaves no second page, however late the
# index is.
use strict;
use warnings;
use JSON::PP;
use POSIX qw(strftime);
use Test::More;
use Tidemark;
use Tidemark::Notion;

my ($g, $n, $t) = Tidemark::Notion->beside;
my $s = $n->source('Plans',
	{ When => { date => {} }, Who => { rich_text => {} }, Done => { checkbox => {} } });
my $c = $t->connect('notion', undef, name => 'plans',
	config => { dataSource => $s, series => 'each' })->{id};
$t->wait_run($t->get("/api/connections/$c")->{json}{lastSync}{syncId});

my $now = time;
sub day { return strftime('%Y-%m-%d', gmtime $now + 86400 * $_[0]) }
sub slot { return strftime('%Y%m%d', gmtime $now + 86400 * $_[0]) }
sub text { return join '', map { $_->{plain_text} } @{ $_[0] // [] } }
sub all { return @{ $n->call(POST => "/data_sources/$s/query", {})->{results} } }
sub start { return substr $_[0]{properties}{When}{date}{start} // '', 0, 10 }
sub page { my ($day) = @_; return (grep { start($_) eq day($day) } all())[0] }
sub days { return join ' ', sort grep { $_ } map { start($_) } all() }
sub mark { return text($_[0]{properties}{Tidemark}{rich_text}) }
sub until_so(&$) {
	my ($so, $name) = @_;
	my $v = Tidemark::wait_for { $t->sync_and_wait($c); $t->tick; $so->() } 20;
	ok($v, $name) or diag days();
	return $v;
}
sub comes {
	my $r = $t->get('/api/events?expand=1&limit=500&from=' . day(-9) . '&to=' . day(70));
	return join ' ', sort map { substr $_->{startDateTime}, 0, 10 } @{ $r->{json}{data} };
}
sub same {
	my ($name, @days) = @_;
	return until_so { days() eq join ' ', map { day($_) } @days } $name;
}
# A series each three weeks, with an occurrence on that day.
sub series {
	my ($first) = @_;
	return $t->post(
		'/api/events',
		{
			title => 'Choir', startDateTime => day($first),
			endDateTime => day($first + 1), allDay => Tidemark::true,
			recurrence => ['RRULE:FREQ=DAILY;INTERVAL=21']
		}
	)->{json}{event}{id};
}
sub told {
	my $r = $t->get("/api/connections/$c/datasets")->{json}{data}[0]{id};
	my $h = $t->get("/api/datasets/$r/records/$_[0]/history")->{json};
	return join ' ', map { $_->{reason} // '' } @{ $h->{data} // [] };
}

my $id = series(-46);
same('each has a page', -4, 17, 38, 59);

subtest 'a series that is moved takes its pages along' => sub {
	my %was = map { (start($_) => $_->{id}) } all();
	$n->edit(page(17)->{id}, Who => { rich_text => $n->text('Ann') });
	$t->put("/api/events/$id", { startDateTime => day(-45), endDateTime => day(-44) });
	same('they are on the next day', -3, 18, 39, 60);
	is_deeply([map { page($_)->{id} } -3, 18, 39, 60], [map { $was{ day($_) } } -4, 17, 38, 59],
		'and the same');
	is(text(page(18)->{properties}{Who}{rich_text}), 'Ann', 'with what somebody wrote');
	$n->edit(page(39)->{id}, Name => $n->title('Solo'));
	$t->put("/api/events/$id", { startDateTime => day(-46), endDateTime => day(-45) });
	same('and back', -4, 17, 38, 59);
	is(text(page(38)->{properties}{Name}{title}), 'Solo', 'an edit of the same moment stays');
};

subtest 'what is left out here goes, unless somebody has written in it' => sub {
	my $who = page(17)->{id};
	$t->del("/api/events/$id/occurrences/" . slot(17));
	$t->del("/api/events/$id/occurrences/" . slot(59));
	same('there is no page for it', -4, 38);
	my ($kept) = grep { $_->{id} eq $who } all();
	ok($kept, 'the page stays');
	is(text($kept->{properties}{Who}{rich_text}), 'Ann', 'with all that it has');
	is(start($kept), '', 'and is on no day');
	like(told($who), qr/not in its series any more.*somebody has written in it/s,
		'its record says why');
	is(comes(), join(' ', map { day($_) } -4, 38), 'it is no event');
	$n->edit($who, When => { date => { start => day(20) } });
	until_so { comes() eq join ' ', map { day($_) } -4, 20, 38 } 'with another date it is one';
	$n->edit($who, When => { date => undef });
	until_so { comes() eq join ' ', map { day($_) } -4, 38 } 'and without none';
};

subtest 'out of the trash again, it comes back' => sub {
	my $p = page(38)->{id};
	$n->trash($p);
	until_so { comes() eq day(-4) } 'in the trash it is left out';
	$n->trash($p, 0);
	until_so { comes() eq join ' ', map { day($_) } -4, 38 } 'and comes back';
	$t->sync_and_wait($c) for 1, 2;
	is(page(38)->{id}, $p, 'as the same page');
};

subtest 'with the series goes what nobody has written in' => sub {
	$n->call(PATCH => "/blocks/" . page(38)->{id} . '/children',
		{ children => [{ paragraph => { rich_text => $n->text('Bring cake.') } }] });
	my $p = page(38)->{id};
	$t->del("/api/events/$id");
	until_so { days() eq '' } 'there is nothing on any day';
	ok((grep { $_->{id} eq $p } all()), 'what has a text stays');
	is(comes(), '', 'and is no event');
};

subtest 'another choice that removes many pages is a plan that asks, and says which' => sub {
	my $many = $t->post(
		'/api/events',
		{
			title => 'Daily', startDateTime => day(0), endDateTime => day(1),
			allDay => Tidemark::true, recurrence => ['RRULE:FREQ=DAILY;COUNT=15']
		}
	)->{json}{event}{id};
	same('many pages', 0 .. 14);
	my $r = $t->patch("/api/connections/$c", { config => { series => 'one' } });
	is($r->{status}, 202, 'it is held') or diag explain $r->{json};
	my $plan = $r->{json}{plan};
	is_deeply($plan->{counts}{remote}, { add => 0, update => 0, delete => 15 },
		'with all that goes there') or diag explain $plan;
	is_deeply(
		[sort map { "$_->{item} $_->{action}" } @{ $plan->{changes} }],
		[('Daily delete') x 15], 'by name'
	);
	same('until it is answered they stay', 0 .. 14);
	$t->post("/api/sync/$plan->{syncId}/approve", {});
	same('then there is one page', 0);
	$r = $t->patch("/api/connections/$c", { config => { series => 'each' } });
	is($r->{json}{plan}{counts}{remote}{add}, 15, 'and the other way round');
	is($r->{status}, 200, 'without a question') or diag explain $r->{json};
	same('there are many again', 0 .. 14);
	$t->del("/api/events/$many");
	same('which go with it');
};

# What a death between two writes leaves: the series names pages otherwise than they do themselves.
sub names {
	my ($made) = @_;
	my ($p) = grep { mark($_) =~ /"each"/ } all() or return;
	my $mark = JSON::PP->new->canonical->decode(mark($p));
	$mark->{each}{made} = { %{ $mark->{each}{made} }, %$made };
	delete @{ $mark->{each}{made} }{ grep { !defined $made->{$_} } keys %$made };
	$mark->{each}{next} = 1;
	$n->call(PATCH => "/pages/$p->{id}",
		{ properties => { Tidemark => { rich_text => $n->text(encode($mark)) } } },
		token => $n->{token});
	return;
}
sub encode { return JSON::PP->new->canonical->encode($_[0]) }

subtest 'a death while a series moves its pages: they go along all the same' => sub {
	my $moved = series(-46);
	same('each has a page', -4, 17, 38, 59);
	my %was = map { (start($_) => $_->{id}) } grep { start($_) } all();
	$n->edit($was{ day(17) }, Who => { rich_text => $n->text('Ann') });
	until_so { page(17) && !$t->sql('SELECT count(*) FROM outbox WHERE finished_at IS NULL') }
	'all is told';
	names({ map { (slot($_) => undef, slot($_ + 1) => $was{ day($_) }) } -4, 17, 38, 59 });
	$t->put("/api/events/$moved", { startDateTime => day(-45), endDateTime => day(-44) });
	same('they are on the next day', -3, 18, 39, 60);
	is_deeply([map { page($_)->{id} } -3, 18, 39, 60], [map { $was{ day($_) } } -4, 17, 38, 59],
		'and the same');
	is(text(page(18)->{properties}{Who}{rich_text}), 'Ann', 'with what somebody wrote');
	$t->del("/api/events/$moved");
	until_so { days() eq '' } 'they go with the series';
};

subtest 'a death after a page was left: when its place comes back it has a page again' => sub {
	my $ends = series(-46);
	same('each has a page', -4, 17, 38, 59);
	my $who = page(59)->{id};
	$n->edit($who, Who => { rich_text => $n->text('Ann') });
	$t->put("/api/events/$ends", { recurrence => ['RRULE:FREQ=DAILY;INTERVAL=21;COUNT=5'] });
	same('the last one is gone', -4, 17, 38);
	names({ slot(59) => $who });
	$t->put("/api/events/$ends", { recurrence => ['RRULE:FREQ=DAILY;INTERVAL=21;COUNT=6'] });
	same('and is there again', -4, 17, 38, 59);
	isnt(page(59)->{id}, $who, 'as a page of its own');
	$t->del("/api/events/$ends");
	until_so { days() eq '' } 'they go with the series';
};

subtest 'an answer that is lost, and an index that is late: one page for each' => sub {
	my $posts = sub { scalar grep { /^POST .*pages$/ } $n->calls };
	$n->forget;
	my %lost = (kind => 'lost', method => 'POST', path => '/v1/pages');
	$g->control({ faults => [{ %lost, skip => 1 }] });
	series(-46);
	until_so { $posts->() >= 2 } 'the series and an occurrence, whose answer is lost';
	$g->control({ faults => [], notion_lag_ms => 600_000 });
	for (1 .. 3) { $t->sync_and_wait($c); $t->tick }
	is($posts->(), 2, 'nothing is made while the index may lack it');
	$g->control({ notion_lag_ms => 0 });
	for (1 .. 2) { $t->sync_and_wait($c); $t->tick }
	is($posts->(), 2, 'nor when it shows one of them') or diag days();
};

done_testing;
