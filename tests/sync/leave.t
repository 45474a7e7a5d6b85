# seconds: 40
# A connection is left: what Tidemark has made at the provider goes, what is the person's stays
# under its id and with what it holds, and nothing is taken for a deletion here or elsewhere.
use strict;
use warnings;
use Test::More;
use JSON::PP ();
use Tidemark::Json;
use Tidemark;
use Tidemark::Google;
use Tidemark::Notion;

my $g = Tidemark::Google->start;
my $n = Tidemark::Notion->new($g);
my $t = Tidemark->start(
	env => {
		$g->env, $n->env, NOTION_API_KEY => 'ntn_test', TIDEMARK_RETRY_MS => 2,
		TIDEMARK_NOTION_CALLS => 100000, TIDEMARK_NOTION_CALLS_ALL => 100000
	}
);
my $json = Tidemark::Json->new->utf8->canonical;
$g->control({
	token => { value => 'cal', email => $g->{email} },
	quota => { notion => { user => 0 } }
});
sub connect_google { return $g->connect($t, path => "/api/auth/google/start?for=$_[0]") }
my $account = connect_google('google-calendar');

sub google {
	my ($method, $path, $body) = @_;
	# What is revoked at the end is the account's, and with it every token.
	$g->control({ token => { value => 'cal', email => $g->{email} } });
	my $r = $g->{http}->request(
		$method, "$g->{base}/fake/api/calendar/v3/calendars/$path",
		{
			headers => {
				authorization => 'Bearer cal',
				$body ? ('content-type' => 'application/json') : ()
			},
			$body ? (content => $json->encode($body)) : ()
		}
	);
	die "$method $path: $r->{status} $r->{content}" if $r->{status} >= 300;
	return length $r->{content} ? $json->decode($r->{content}) : undef;
}
sub there {
	return join ' ',
	    sort map { $_->{summary} } @{ google('GET', "$_[0]/events?maxResults=100")->{items} };
}
sub events { return @{ $t->get('/api/events?limit=500')->{json}{data} } }
sub here { return join ' ', sort map { $_->{title} } events() }
my %day = (
	startDateTime => '2026-10-05', endDateTime => '2026-10-06', allDay => JSON::PP::true
);
sub made { return $t->post('/api/events', { title => $_[0], %day })->{json}{event}{id} }
sub meeting {
	return {
		summary => $_[0], start => { date => '2026-10-05' }, end => { date => '2026-10-06' }
	}
}
sub connection {
	my ($calendar, $name) = @_;
	my $c = $t->connect(
		'google-calendar', undef, name => $name, accountId => $account->{id},
		config => { calendar => $calendar }
	);
	$t->wait_run($c->{lastSync}{syncId});
	return $c->{id};
}
sub quiet {
	return wait_for {
		!$t->sql('SELECT count(*) FROM outbox WHERE next_at IS NOT NULL')
		    && !$t->sql('SELECT count(*) FROM sync WHERE finished_at IS NULL')
	}
	40;
}
# A tick looks every second, and so does the run.
sub left {
	my ($id, $more) = @_;
	my $r = $t->del("/api/connections/$id?remote=clean" . ($more // ''));
	is($r->{status}, 202, 'it is being left') or diag $r->{content};
	my $run;
	ok(
		wait_for(
			sub {
				$t->tick;
				$run = $t->get("/api/sync?syncId=$r->{json}{syncId}")->{json};
				$run->{finishedAt}
			},
			60
		),
		'up to the end'
	);
	is($run->{status}, 'complete', 'well') or diag explain $run;
	return $run;
}

my $team = $g->control({ calendar => { owner => $g->{email}, summary => 'Team' } })->{calendar};
my $theirs = google('POST', 'primary/events', meeting('Theirs'));
my ($ann, $other);

subtest 'a calendar, while another one goes on' => sub {
	made("Ours$_") for 1 .. 3;
	$ann = connection('primary', 'Ann');
	$other = connection($team, 'Team');
	ok(quiet(), 'quiet');
	my ($e) = grep { $_->{title} eq 'Theirs' } events();
	$t->put("/api/events/$e->{id}", { notes => 'Bring tea' });
	ok(quiet(), 'quiet');
	is(there('primary'), 'Ours1 Ours2 Ours3 Theirs', 'all of it there');
	# What was deleted here, or there, is there no more and is not said to go.
	my @gone = map { made("Gone$_") } 1, 2;
	ok(quiet(), 'quiet');
	$t->del("/api/events/$gone[0]");
	my ($there) = grep { $_->{connectionId} eq $ann }
	    @{ $t->get("/api/events/$gone[1]")->{json}{event}{links} };
	google('DELETE', "primary/events/$there->{externalId}");
	$t->sync_and_wait($ann);
	ok(quiet(), 'quiet');
	is(there('primary'), 'Ours1 Ours2 Ours3 Theirs', 'as before');
	my $own = google('GET', "primary/events/$theirs->{id}")->{extendedProperties}{private};
	is($own->{tidemark_notes_0}, 'Bring tea', 'with a mark in what is the person\'s');

	my $look = $t->get("/api/connections/$ann/exit")->{json};
	is($look->{count}, 4, 'it is said before');
	is_deeply(
		[sort map { "$_->{title} $_->{action}" } @{ $look->{items} }],
		['Ours1 delete', 'Ours2 delete', 'Ours3 delete', 'Theirs clean'], 'of each'
	);
	my $run = left($ann);
	is($run->{stats}{deleted}, 3, 'three');
	is(there('primary'), 'Theirs', 'the copies are gone');
	my $now = google('GET', "primary/events/$theirs->{id}");
	is_deeply(
		[grep { /^tidemark/ } keys %{ $now->{extendedProperties}{private} // {} }], [],
		'and the mark'
	);
	is(here(), 'Ours1 Ours2 Ours3 Theirs', 'here they stay');
	is(there($team), 'Ours1 Ours2 Ours3 Theirs', 'and elsewhere');
	is($t->get("/api/connections/$ann")->{status}, 404, 'it is disconnected');
	$t->sync_and_wait($other);
	ok(quiet(), 'quiet');
	is(here(), 'Ours1 Ours2 Ours3 Theirs', 'also after a sync of the other');
	is($t->get("/api/accounts/$account->{id}")->{status}, 200,
		'the account that the other uses is there');
};

subtest 'the last one of an account' => sub {
	my ($e) = grep { $_->{title} eq 'Ours2' } events();
	$t->del("/api/connections/$other?remote=clean");
	is($t->post('/api/sync', { connectionId => $other })->{status}, 409,
		'nothing is read any more');
	made('Late');
	ok(
		wait_for(
			sub {
				$t->tick;
				$t->get("/api/connections/$other")->{status} == 404
			},
			60
		),
		'it is left'
	);
	is(there($team), '', 'nothing is left there');
	is(here(), 'Late Ours1 Ours2 Ours3 Theirs', 'all is here');
	is($t->get("/api/accounts/$account->{id}")->{status}, 404, 'the access is revoked');
};

subtest 'Notion' => sub {
	my $s = $n->source('Plan', { When => { date => {} } });
	$n->page($s, 'Page', When => { date => { start => '2026-10-05' } });
	my $c = $t->connect('notion', undef, name => 'Plan', config => { dataSource => $s });
	$t->wait_run($c->{lastSync}{syncId});
	ok(wait_for(sub { $t->tick; quiet() }, 40), 'quiet');
	my $pages = sub {
		return join ' ', sort map {
			join '', map { $_->{plain_text} } @{ $_->{properties}{Name}{title} }
		} @{ $n->call(POST => "/data_sources/$s/query", {})->{results} };
	};
	is($pages->(), 'Late Ours1 Ours2 Ours3 Page Theirs', 'all of it there');
	is($t->get("/api/connections/$c->{id}/exit")->{json}{count}, 6, 'and the property');
	left($c->{id});
	is($pages->(), 'Page', 'the pages are gone');
	is($n->call(GET => "/data_sources/$s")->{properties}{Tidemark}, undef, 'and the property');
	like(here(), qr/^Late Ours1 Ours2 Ours3 Page Theirs$/, 'here they stay');
};

subtest 'the label of contacts' => sub {
	$g->control({
		person => {
			owner => $g->{email}, id => 'people/c1',
			content => { names => [{ givenName => 'Ann' }] }
		},
		token => { value => 'cal', email => $g->{email} }
	});
	connect_google('google-contacts');
	my $c =
	    $t->connect('google-contacts', undef, name => 'People', config => { label => 'Shop' });
	$t->wait_run($c->{activeSyncId} // $c->{lastSync}{syncId});
	my $labels = sub {
		my $r = $g->{http}->get(
			"$g->{base}/fake/people/v1/contactGroups?pageSize=1000",
			{ headers => { authorization => 'Bearer cal' } }
		);
		return scalar grep { $_->{name} eq 'Shop' }
		    @{ $json->decode($r->{content})->{contactGroups} };
	};
	is($labels->(), 1, 'is there');
	is($t->get("/api/connections/$c->{id}/exit")->{json}{count}, 1, 'and said');
	left($c->{id});
	is($labels->(), 0, 'is gone');
};

subtest 'a user who is removed' => sub {
	$t->run('tidemark', 'user', 'add', 'ben');
	my $as = $t->token('ben');
	my $s = $n->source('Bens', { When => { date => {} } });
	my $c = $t->connect(
		'notion', undef, name => 'Bens', token => $as, config => { dataSource => $s }
	);
	$t->wait_run($c->{lastSync}{syncId}, 30, token => $as);
	$t->post('/api/events', { title => 'Bens', %day }, token => $as);
	my $pages = sub { scalar @{ $n->call(POST => "/data_sources/$s/query", {})->{results} } };
	ok(wait_for(sub { $t->tick; $pages->() == 1 }, 40), 'has a page there');
	is($t->run('tidemark', 'user', 'remove', 'ben', '--yes', '--clean')->{rc}, 0, 'goes');
	ok(
		wait_for(
			sub {
				$t->tick;
				$t->sql('UPDATE lane SET hold_until = 1, due_at = 1 '
					    . "WHERE kind = 'removal'");
				!$t->sql("SELECT count(*) FROM account WHERE name = 'ben'")
			},
			60
		),
		'up to the end'
	);
	is($pages->(), 0, 'and the page there');
};

subtest 'where there is nothing' => sub {
	my $src = $t->source;
	$src->put('/a.csv', "id\n1\n");
	my $c = $t->connect(csv => $src->url('/a.csv'), name => 'Plain');
	$t->wait_run($c->{activeSyncId});
	is_deeply(
		$t->get("/api/connections/$c->{id}/exit")->{json}, { items => [], count => 0 },
		'nothing is said'
	);
	left($c->{id});
	is($t->del("/api/connections/$c->{id}?remote=maybe")->{status}, 422, 'an unknown word');
};

subtest 'the document of the interface knows both answers' => sub {
	my $doc = $t->get('/api/openapi.json')->{json}{paths}{'/api/connections/{id}'};
	is(join(' ', grep { /^2/ } sort keys %{ $doc->{delete}{responses} }), '202 204', 'DELETE');
	is(join(' ', grep { /^2/ } sort keys %{ $doc->{patch}{responses} }), '200 202', 'PATCH');
};

done_testing;
