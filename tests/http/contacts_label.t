# The label that Tidemark puts on the people it keeps, when it is told to.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;

my $OWNER = 'ann@example.com';
my $g = Tidemark::Google->start;
my $t = Tidemark->start(
	env => { $g->env, TIDEMARK_RETRY_MS => 2, TIDEMARK_GOOGLE_PEOPLE_CALLS_USER => 100000 }
);
$g->control({
	quota => { people => { user => 0, project => 0 } },
	token => { value => 'other', email => $OWNER }
});
$g->connect($t, path => '/api/auth/google/start?for=google-contacts');

sub person {
	my ($id, $name, @labels) = @_;
	return $g->control({
		person => {
			owner => $OWNER, id => "people/$id", labels => \@labels,
			content => {
				names => [{ givenName => $name }],
				emailAddresses => [{ value => "$id\@example.com" }]
			}
		}
	});
}
# What another person does through the interface of Google itself.
sub google {
	my ($method, $path, $body) = @_;
	my $r = $g->{http}->request(
		$method => "$g->{base}/fake/people/v1/$path",
		{
			headers => {
				authorization => 'Bearer other',
				'content-type' => 'application/json'
			},
			$body ? (content => JSON::PP->new->encode($body)) : ()
		}
	);
	die "$method $path: $r->{status} $r->{content}" if $r->{status} != 200;
	return json($r->{content});
}
# The labels that people have made: {name => [id, "c1 c2"]}.
sub labels {
	my %all;
	for my $l (@{ google(GET => 'contactGroups?pageSize=1000')->{contactGroups} }) {
		next if $l->{groupType} ne 'USER_CONTACT_GROUP';
		my $who = google(GET => "$l->{resourceName}?maxMembers=99")->{memberResourceNames};
		$all{ $l->{name} } =
		    [$l->{resourceName}, join ' ', sort map { s{people/}{}r } @{ $who // [] }];
	}
	return \%all;
}
sub connected {
	my ($name, %config) = @_;
	my $c = $t->connect('google-contacts', undef, name => $name, config => \%config);
	$t->wait_run($c->{activeSyncId} // $c->{lastSync}{syncId});
	return $c->{id};
}
sub set_of { return $t->get("/api/connections/$_[0]/datasets")->{json}{data}[0]{id} }
sub past {
	my ($conn, $key) = @_;
	my $path = '/api/datasets/' . set_of($conn) . '/records/' . $key =~ s{/}{%2F}r;
	return $t->get("$path/history")->{json}{data} // [];
}
# Whom the feed tells of behind a place of it, and where it ends.
sub feed {
	my ($conn, $cursor) = @_;
	my $r = $t->get('/api/datasets/' . set_of($conn) . '/records?includeDeleted=true&limit=500'
		    . ($cursor ? "&cursor=$cursor" : ''))->{json};
	return (
		$r->{endCursor} // $r->{nextCursor},
		join ' ', map { "$_->{_meta}{id} $_->{_meta}{lastAction}" } @{ $r->{data} }
	);
}
sub undone {
	my ($run) = @_;
	my $r;
	wait_for { $r = $t->post("/api/sync/$run->{syncId}/undo"); $r->{status} != 409 } 30;
	is($t->wait_run($r->{json}{syncId})->{status}, 'complete', 'taken back') or diag explain $r;
	return;
}
sub counts { my $s = $_[0]{stats}; return "$s->{added} $s->{updated} $s->{deleted}" }
sub fresh { return $g->control({ reset => true }) }
sub calls {
	return join ' ', map { "$_->{method} " . $_->{path} =~ s{^/v1/(?:people/me/)?}{}r }
	    grep { $_->{path} =~ m{^/v1/} } @{ $g->state->{log} };
}

person("c$_", "P$_", $_ < 4 ? 'Tea' : 'Coffee') for 1 .. 6;

my $id;
subtest 'B6: those who are kept get it, once, and nobody else' => sub {
	$id = connected('tea', labels => ['Tea'], label => 'In Tidemark');
	my $l = labels();
	is($l->{'In Tidemark'}[1], 'c1 c2 c3', 'these three') or diag explain $l;
	is($l->{Tea}[1], 'c1 c2 c3', 'other labels are as they were');
	is($l->{Coffee}[1], 'c4 c5 c6', 'all of them');
};

# Google tells of what we have done ourselves.
subtest 'that we have put it on is no change of theirs, and is seen here all the same' => sub {
	my ($end) = feed($id);
	my $before = $t->records($id);
	my $r = $t->sync_and_wait($id);
	is(counts($r), '0 0 0', 'nothing is counted');
	is($r->{stats}{unchanged}, 3, 'three are as they were');
	like($r->{message}, qr/nothing changed/, 'in words');
	is(
		(feed($id, $end))[1], join(' ', map { "people/c$_ UPDATED" } 1 .. 3),
		'who follows the feed has the mirror'
	);
	my $now = $t->records($id);
	is_deeply(
		[map { $now->{"people/c$_"}{labels} } 1 .. 3], [(['In Tidemark', 'Tea']) x 3],
		'the records have it'
	) or diag explain $now;
	cmp_ok(
		$now->{'people/c1'}{updatedAt}, 'ge', $before->{'people/c1'}{updatedAt},
		'and when that was'
	);
	my $c1 = past($id, 'people/c1');
	is_deeply(
		[map { "$_->{action} $_->{side}" } @$c1], ['UPDATED application', 'ADDED source'],
		'the history tells it once, as ours'
	) or diag explain $c1;
	is_deeply(
		$c1->[0]{changes}{labels}, { before => ['Tea'], after => ['In Tidemark', 'Tea'] },
		'with what it has changed'
	) or diag explain $c1;
	fresh();
	is(counts($t->sync_and_wait($id)), '0 0 0', 'and then nothing');
	is(calls(), 'GET connections', 'with one call');
};

subtest 'what a person changes in the same read counts' => sub {
	my $other = connected('mixed', labels => ['Coffee'], label => 'Mixed');
	is(labels()->{Mixed}[1], 'c4 c5 c6', 'put on three');
	person('c4', 'Renamed', 'Coffee', 'Mixed');
	person('c5', 'P5', 'Coffee', 'Mixed', 'By hand');
	my $r = $t->sync_and_wait($other);
	is(counts($r), '0 2 0', 'a name, and another label; the third is as it was')
	    or diag explain $r;
	is($t->records($other)->{'people/c4'}{displayName}, 'Renamed', 'seen here');
	is_deeply(
		$t->records($other)->{'people/c6'}{labels}, ['Coffee', 'Mixed'],
		'as is what is ours'
	);
	# Taken off by somebody else, it is a change, and ours again when we have put it on again.
	person('c6', 'P6', 'Coffee');
	is(counts($t->sync_and_wait($other)), '0 1 0', 'that it is gone counts');
	is(labels()->{Mixed}[1], 'c4 c5 c6', 'we put it on again');
	is(counts($t->sync_and_wait($other)), '0 0 0', 'which does not');
	my $label = sub {
		my $r = $t->patch("/api/connections/$other", { config => { label => $_[0] } });
		is($r->{status}, 200, 'another label') or diag $r->{content};
		return $t->sync_and_wait($other);
	};
	$label->('Mixed again');
	is(counts($t->sync_and_wait($other)), '0 0 0', 'one off and another on: both are ours');
	is_deeply(
		$t->records($other)->{'people/c6'}{labels}, ['Coffee', 'Mixed again'],
		'and seen'
	);
	$label->(undef);
	is(labels()->{'Mixed again'}, undef, 'no label any more');
	is(counts($t->sync_and_wait($other)), '0 0 0', 'nor is that a change of theirs');
	is_deeply($t->records($other)->{'people/c6'}{labels}, ['Coffee'], 'and it is seen');
	# What was taken back here stays taken back: our label is no news of the person.
	person('c6', 'Sixth', 'Coffee');
	my $named = $t->sync_and_wait($other);
	is(counts($named), '0 1 0', 'a new name');
	undone($named);
	is($t->records($other)->{'people/c6'}{displayName}, 'P6', 'is taken back');
	$label->('Mixed');
	is(counts($t->sync_and_wait($other)), '0 0 0', 'a label on all of them');
	is($t->records($other)->{'people/c6'}{displayName}, 'P6', 'changes nothing of it');
	$label->(undef);
	is(counts($t->sync_and_wait($other)), '0 0 0', 'nor does that it goes');
	is($t->records($other)->{'people/c6'}{displayName}, 'P6', 'either');
	is($t->del("/api/connections/$other")->{status}, 204, 'left');
	person('c4', 'P4', 'Coffee');
	person("c$_", "P$_", 'Coffee') for 5, 6;
	google(DELETE => labels()->{'By hand'}[0]);
};

subtest 'what is seen of our label stands in the way of no undo' => sub {
	my $other = connected('undone', labels => ['Coffee'], label => 'Undone');
	my ($first) = $t->runs($other);
	is(counts($t->sync_and_wait($other)), '0 0 0', 'seen');
	my $look = $t->get("/api/sync/$first->{syncId}/undo")->{json};
	is_deeply($look->{counts}, { back => 6, left => 0 }, 'three records and three labels')
	    or diag explain $look;
	undone($first);
	is(scalar(keys %{ $t->records($other) }), 0, 'nobody is here');
	is(labels()->{Undone}, undef, 'and nobody has it');
	is(counts($t->sync_and_wait($other)), '0 0 0', 'for good');
	is($t->del("/api/connections/$other")->{status}, 204, 'left');
};

subtest 'who comes gets it, who goes loses it, under whatever name' => sub {
	my $ours = labels()->{'In Tidemark'}[0];
	google(PUT => $ours, { contactGroup => { name => 'Kept elsewhere' } });
	google(POST => 'contactGroups', { contactGroup => { name => 'In Tidemark' } });
	person('c1', 'P1', 'Coffee', 'Kept elsewhere');
	person('c4', 'P4', 'Tea');
	$t->sync_and_wait($id);
	my $l = labels();
	is($l->{'Kept elsewhere'}[1], 'c2 c3 c4', 'one has come, one has gone') or diag explain $l;
	is($l->{'In Tidemark'}[1], '', 'the one with our name is not ours');
	is(scalar(keys %$l), 4, 'none was made');
	google(DELETE => $ours);
	person('c5', 'P5', 'Tea');
	$t->sync_and_wait($id);
	$l = labels();
	is($l->{'In Tidemark'}[1], 'c2 c3 c4 c5', 'without ours, the one that has the name');
	person("c$_", "P$_", 'Coffee', 'In Tidemark') for 2, 6;
	$t->sync_and_wait($id);
	is(
		labels()->{'In Tidemark'}[1], 'c3 c4 c5 c6',
		'out of which go those whom we have put there, and nobody else'
	);
	person('c6', 'P6', 'Coffee');
};

# What the history of a person says: [action, side, sentence] of each, newest first.
sub story {
	return [map { "$_->{action} $_->{side}: " . ($_->{reason} // '') } @{ past(@_) }];
}

subtest 'each person tells that it was put on and taken off, and by which sync' => sub {
	my $c1 = story($id, 'people/c1');
	my @put = grep { /remote|application/ } @$c1;
	is_deeply(
		\@put,
		[
			'UPDATED application: The label "Kept elsewhere" was taken off at Google.',
			'UPDATED application: The label "In Tidemark" was put on at Google.'
		],
		'on, and off under its new name'
	) or diag explain $c1;
	is($c1->[-1], 'ADDED source: ', 'and it is whole: from where it came');
	is_deeply([grep { /application/ } @{ story($id, 'people/c6') }], [], 'others tell nothing');
	my $run = (grep { $_->{stats}{added} == 3 } $t->runs($id))[0];
	my $did = $t->get("/api/sync/$run->{syncId}/changes?limit=100")->{json}{data};
	is(
		scalar(grep { $_->{side} eq 'provider' && $_->{reason} =~ /was put on/ } @$did), 3,
		'the sync lists them among what it did'
	) or diag explain $did;
	my $s = $t->sign_in('admin');
	my $set = $t->get("/api/connections/$id/datasets")->{json}{data}[0]{id};
	my $page = $t->get(
		"/datasets/$set/records/people%2Fc1", token => undef,
		headers => { cookie => $s->{cookie} }
	)->{content};
	like(
		$page =~ s/<[^>]*>//gr =~ s/\s+/ /gr =~ s/&quot;|&#34;/"/gr,
		qr/changed it at the source in this sync\. ?The label "In Tidemark" was put on/,
		'and so does the page'
	);
};

subtest 'what fails is told, is no failure of the sync, and is done the next time' => sub {
	google(DELETE => labels()->{'In Tidemark'}[0]);
	$t->sync_and_wait($id);
	person('c6', 'P6', 'Tea');
	my %fault = (kind => '500', method => 'POST', path => '/v1/', count => 9);
	$g->control({ faults => [\%fault] });
	my $r = $t->sync_and_wait($id);
	is($r->{status}, 'complete', 'all was read');
	my ($said) = grep { $_->{code} eq 'untended' } @{ $r->{warnings} };
	like($said->{message}, qr/the next sync tries again/, 'and it is told') or diag explain $r;
	$g->control({ faults => [] });
	$r = $t->sync_and_wait($id);
	is($r->{status}, 'complete', 'the next one');
	is(labels()->{'In Tidemark'}[1], 'c3 c4 c5 c6', 'has done it');
	is(scalar(grep { $_->{code} eq 'untended' } @{ $r->{warnings} }), 0, 'nothing is left');
};

subtest 'one that we have made goes with the setting, that of somebody else stays' => sub {
	my $other = connected('coffee', labels => ['Coffee'], label => 'Drinks coffee');
	like(labels()->{'Drinks coffee'}[1], qr/c1/, 'made');
	my $set = sub {
		return $t->patch("/api/connections/$other",
			{ config => { labels => ['Coffee'], label => $_[0] } })
	};
	my $r = $set->('Coffee');
	is($r->{status}, 200, 'another one is named') or diag $r->{content};
	$t->sync_and_wait($other);
	ok(!labels()->{'Drinks coffee'}, 'ours is gone');
	ok(labels()->{Coffee}, 'and that one was there');
	$set->(undef);
	my $before = labels();
	is($t->sync_and_wait($other)->{status}, 'complete', 'none is named');
	is_deeply(labels(), $before, 'what we have not made stays');
};

subtest 'many are labelled in batches' => sub {
	$g->control({ fill_people => { owner => $OWNER, count => 1203 } });
	fresh();
	connected('all', label => 'All of them');
	is(scalar(grep { /modify/ } split / (?=GET|POST)/, calls()), 3, 'of 500');
	my $all = google(GET => labels()->{'All of them'}[0] . '?maxMembers=5000');
	is($all->{memberCount}, 1209, 'everybody has it');
	is(
		counts($t->sync_and_wait($id)), '0 0 0',
		'nor is it a change to another connection of the account'
	);
};

subtest 'fifteen syncs in a row find the same and write nothing, there or here' => sub {
	my $before = [feed($id), $t->sql('SELECT count(*), max(no) FROM change')];
	fresh();
	my $n = keys %{ $t->records($id) };
	for (1 .. 15) {
		my $r = $t->sync_and_wait($id);
		is(counts($r) . " of $r->{stats}{unchanged}", "0 0 0 of $n", "sync $_");
	}
	is(calls(), join(' ', ('GET connections') x 15), 'one call each');
	is_deeply(
		[feed($id), $t->sql('SELECT count(*), max(no) FROM change')], $before,
		'nothing was written'
	);
};

done_testing;
