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
sub counts { my $s = $_[0]{stats}; return "$s->{added} $s->{updated} $s->{deleted}" }
sub fresh { return $g->control({ reset => true }) }
sub calls {
	return join ' ', map { "$_->{method} " . $_->{path} =~ s{^/v1/(?:people/me/)?}{}r }
	    grep { $_->{path} =~ m{^/v1/} } @{ $g->state->{log} };
}

person("c$_", "P$_", $_ < 4 ? 'Tea' : 'Coffee') for 1 .. 6;

my $id;
subtest 'those who are kept get it, once, and nobody else' => sub {
	$id = connected('tea', labels => ['Tea'], label => 'In Tidemark');
	my $l = labels();
	is($l->{'In Tidemark'}[1], 'c1 c2 c3', 'these three') or diag explain $l;
	is($l->{Tea}[1], 'c1 c2 c3', 'other labels are as they were');
	is($l->{Coffee}[1], 'c4 c5 c6', 'all of them');
	# Google tells of what we have done ourselves; then there is peace.
	my $r = $t->sync_and_wait($id);
	is(counts($r), '0 3 0', 'the label is seen here too');
	fresh();
	is(counts($t->sync_and_wait($id)), '0 0 0', 'and then nothing');
	is(calls(), 'GET connections', 'with one call');
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
	my ($conn, $key) = @_;
	my $set = $t->get("/api/connections/$conn/datasets")->{json}{data}[0]{id};
	my $r = $t->get("/api/datasets/$set/records/" . $key =~ s{/}{%2F}r . '/history');
	return [map { "$_->{action} $_->{side}: " . ($_->{reason} // '') } @{ $r->{json}{data} }];
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
};

done_testing;
