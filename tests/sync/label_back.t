# The label that Tidemark puts on people at Google is taken back with the rest of what a sync did,
# and an undo of that puts it on again; when the connection is left, everybody whom Tidemark has put
# in a label of somebody else's is taken out of it, and nobody else.
use strict;
use warnings;
use Test::More;
use Tidemark::Json;
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
my $OWNER = $g->{email};
my $t = Tidemark->start(
	env => { $g->env, TIDEMARK_RETRY_MS => 2, TIDEMARK_GOOGLE_PEOPLE_CALLS_USER => 100000 }
);
my $json = Tidemark::Json->new->utf8->canonical;
$g->control({ quota => { people => { user => 0, project => 0 } } });

sub person {
	my ($id, $name, @labels) = @_;
	return $g->control({
		person => {
			# Out of the last one Google takes nobody.
			owner => $OWNER, id => "people/$id", labels => ['All', @labels],
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
	# What is revoked when a connection is left is the account's, and with it every token.
	$g->control({ token => { value => 'other', email => $OWNER } });
	my $r = $g->{http}->request(
		$method => "$g->{base}/fake/people/v1/$path",
		{
			headers => {
				authorization => 'Bearer other',
				'content-type' => 'application/json'
			},
			$body ? (content => $json->encode($body)) : ()
		}
	);
	die "$method $path: $r->{status} $r->{content}" if $r->{status} != 200;
	return json($r->{content});
}
sub labels {
	my %all;
	for my $l (@{ google(GET => 'contactGroups?pageSize=1000')->{contactGroups} }) {
		next if $l->{groupType} ne 'USER_CONTACT_GROUP';
		my $who = google(GET => "$l->{resourceName}?maxMembers=99")->{memberResourceNames};
		$all{ $l->{name} } = join ' ', sort map { s{people/}{}r } @{ $who // [] };
	}
	return \%all;
}
sub label_id {
	return (map { $_->{resourceName} } grep { $_->{name} eq $_[0] }
		    @{ google(GET => 'contactGroups?pageSize=1000')->{contactGroups} })[0]
}
sub members {
	my ($name, %how) = @_;
	return google(
		POST => label_id($name) . '/members:modify',
		{ map { $_ => [map { "people/$_" } @{ $how{$_} }] } keys %how }
	);
}
sub connected {
	$g->connect($t, path => '/api/auth/google/start?for=google-contacts');
	my $c = $t->connect('google-contacts', undef, name => 'Book', config => {@_});
	my $r = $t->wait_run($c->{activeSyncId} // $c->{lastSync}{syncId});
	is($r->{status}, 'complete', 'the first sync') or diag explain $r;
	return ($c->{id}, $r->{syncId});
}
sub here {
	return join ' ', sort map { s{people/}{}r } keys %{ $t->records($_[0]) }
}
sub undone {
	my ($id) = @_;
	my $r;
	wait_for(sub { $r = $t->post("/api/sync/$id/undo"); $r->{status} != 409 }, 30);
	is($r->{status}, 202, 'it is being taken back') or diag $r->{content};
	my $run = $t->wait_run($r->{json}{syncId});
	is($run->{status}, 'complete', 'and was') or diag explain $run;
	return $run;
}
sub log_of {
	return join "\n", map { $_->{text} } @{ $t->get("/api/sync/$_[0]/log")->{json}{data} }
}
sub counts { my $s = $_[0]{stats}; return "$s->{added} $s->{updated} $s->{deleted}" }
# Syncs until one has nothing to do: that label is told of which we have changed ourselves.
sub quiet {
	my ($id) = @_;
	my $r;
	for (1 .. 4) {
		$r = $t->sync_and_wait($id);
		return 1 if counts($r) eq '0 0 0';
	}
	return 0;
}
sub left {
	my ($id) = @_;
	my $r = $t->del("/api/connections/$id?remote=clean");
	is($r->{status}, 202, 'it is being left') or diag $r->{content};
	my $gone = sub { $t->tick; $t->get("/api/connections/$id")->{status} == 404 };
	ok(&wait_for($gone, 60), 'and was') or diag $t->logs;
	return;
}
sub exit_of {
	my $e = $t->get("/api/connections/$_[0]/exit")->{json};
	my @said = sort map { "$_->{title} ($_->{action})" } @{ $e->{items} };
	return "$e->{count}: " . join ', ', @said;
}

person("c$_", "P$_", $_ < 4 ? 'Tea' : ()) for 1 .. 6;
my ($id, $first);

subtest 'a first sync, with the label that it made' => sub {
	($id, $first) = connected(label => 'Kept', labels => ['Tea']);
	is(labels()->{Kept}, 'c1 c2 c3', 'three have it');
	my $look = $t->get("/api/sync/$first/undo")->{json};
	is_deeply($look->{counts}, { back => 6, left => 0 }, 'three labels and three records');
	my ($one) = grep { $_->{side} eq 'provider' } @{ $look->{data} };
	is_deeply(
		[@{$one}{qw(action fate)}, $one->{fields}],
		['update', 'back', [{ field => 'label', before => 'Kept', after => undef }]],
		'said before'
	) or diag explain $look;
	my $page = $t->get(
		"/syncs/$first/undo", token => undef,
		headers => { cookie => $t->sign_in('admin')->{cookie} }
	)->{content};
	like($page, qr/changes back there/, 'on the page, too');
	like($page =~ s/\s+/ /gr, qr/label[^.]* is taken off them at Google/, 'in words');
	# By when they were changed there, too, they are others then.
	$g->control({ clock => { advance_ms => 5000 } });
	my $run = undone($first);
	is(labels()->{Kept}, undef, 'the label is gone');
	is(labels()->{Tea}, 'c1 c2 c3', 'another one is as it was');
	is(here($id), '', 'and so are the records');
	is($t->post("/api/sync/$first/undo")->{status}, 409, 'it is not taken back once more');
	like(log_of($run->{syncId}), qr/taken off 3/, 'the log says so');
	is(counts($t->sync_and_wait($id)), '0 0 0', 'that we did so is no change of theirs');
	is(here($id), '', 'nobody comes back by it');
	is(labels()->{Kept}, undef, 'nor does the label');
	person('c2', 'Other', 'Tea');
	$t->sync_and_wait($id);
	is(here($id), 'c2', 'who is changed there comes back');
	is(labels()->{Kept}, 'c2', 'with the label');
	my $back = undone($run->{syncId});
	is(here($id), 'c1 c2 c3', 'an undo of it brings all of them back');
	is(labels()->{Kept}, 'c1 c2 c3', 'and the label');
	like(log_of($back->{syncId}), qr/put on 2/, 'of the two who had lost it');
	ok(quiet($id), 'and then nothing is to be done');
	is(labels()->{Kept}, 'c1 c2 c3', 'all of them have it');
};

subtest 'a label that was switched on later, and is taken back alone' => sub {
	my $change = sub {
		my $r = $t->patch("/api/connections/$id", { config => { label => $_[0] } });
		is($r->{status}, 200, 'the settings say so') or diag $r->{content};
		return $t->sync_and_wait($id)->{syncId};
	};
	$change->(undef);
	is(labels()->{Kept}, undef, 'none');
	ok(quiet($id), 'for good');
	google(POST => 'contactGroups', { contactGroup => { name => 'Theirs' } });
	members(Theirs => resourceNamesToAdd => ['c1', 'c6']);
	ok(quiet($id), 'that is told');
	my $on = $change->('Theirs');
	is(labels()->{Theirs}, 'c1 c2 c3 c6', 'one of somebody else is added to');
	members(Theirs => resourceNamesToRemove => ['c3']);
	undone($on);
	is(labels()->{Theirs}, 'c1 c6', 'who was in it before stays');
	is(here($id), 'c1 c2 c3', 'the records are as they were');
	person('c5', 'P5', 'Tea');
	members(Theirs => resourceNamesToAdd => ['c3']);
	ok(quiet($id), 'later syncs');
	is(labels()->{Theirs}, 'c1 c3 c5 c6', 'put it on who comes, and leave who was put back');
	my ($undo) = grep { $_->{undoes} && $_->{undoes} eq $on } $t->runs($id);
	undone($undo->{syncId});
	is(labels()->{Theirs}, 'c1 c2 c3 c5 c6', 'the undo of the undo');
	# What was taken off.
	members(Tea => resourceNamesToRemove => ['c2']);
	my $off = $t->sync_and_wait($id);
	is(labels()->{Theirs}, 'c1 c3 c5 c6', 'who is not kept loses it');
	undone($off->{syncId});
	is(here($id), 'c1 c2 c3 c5', 'that is taken back, too');
	is(labels()->{Theirs}, 'c1 c2 c3 c5 c6', 'with the label');
	ok(quiet($id), 'and it stays so');
	is(labels()->{Theirs}, 'c1 c2 c3 c5 c6', 'all of them');
};

subtest 'left: out of a label of somebody else go those whom we have put there' => sub {
	is(
		exit_of($id),
		'2: Other: the label "Theirs" (clean), P5: the label "Theirs" (clean)',
		'said before, by name'
	);
	left($id);
	is(labels()->{Theirs}, 'c1 c3 c6', 'those stay who were in it or were put back into it');
	members(Theirs => resourceNamesToRemove => ['c3']);
	is(labels()->{Tea}, 'c1 c3 c5', 'and the other one is as it was');
};

subtest 'left: a label that we have made goes, whoever is in it' => sub {
	($id) = connected(label => 'Ours', labels => ['Tea']);
	members(Ours => resourceNamesToAdd => ['c6']);
	is(exit_of($id), '1: The label "Ours", if Tidemark has made it (delete)', 'said before');
	left($id);
	is(labels()->{Ours}, undef, 'gone');
	is(join(' ', sort keys %{ labels() }), 'All Tea Theirs', 'and no other');
};

subtest 'what has changed since at Google is left and listed' => sub {
	($id, $first) = connected(label => 'Ours', labels => ['Tea']);
	google(PUT => label_id('Ours'), { contactGroup => { name => 'Renamed' } });
	my $run = undone($first);
	is(labels()->{Renamed}, '', 'a label that was renamed stays, with nobody in it');
	like(log_of($run->{syncId}), qr/Left as it is: the label "Renamed"/, 'and that is said');
	undone($run->{syncId});
	is(labels()->{Renamed}, 'c1 c3 c5', 'they come back to it');
	$t->patch("/api/connections/$id", { config => { label => 'Another' } });
	$t->sync_and_wait($id);
	my $r = $t->get("/api/sync/$run->{syncId}/undo")->{json};
	is((grep { $_->{side} eq 'provider' } @{ $r->{data} }) + 0, 0, 'of what is gone nothing')
	    or diag explain $r;
	left($id);
};

subtest 'one record that is taken back has its label with it' => sub {
	($id) = connected(label => 'Own', labels => ['Tea']);
	my $set = $t->get("/api/connections/$id/datasets")->{json}{data}[0]{id};
	my $path = "/api/datasets/$set/records/people%2Fc5/undo";
	my $back = sub {
		my $r;
		wait_for(sub { $r = $t->post($path); $r->{status} != 409 }, 30);
		is($t->wait_run($r->{json}{syncId})->{status}, 'complete', 'taken back');
	};
	is(labels()->{Own}, 'c1 c3 c5', 'all have it');
	$back->();
	is(here($id), 'c1 c3', 'one goes');
	is(labels()->{Own}, 'c1 c3', 'and loses it at once');
	ok(quiet($id), 'for good');
	is(here($id) . labels()->{Own}, 'c1 c3c1 c3', 'also after syncs');
	$back->();
	is(here($id), 'c1 c3 c5', 'it comes back');
	is(labels()->{Own}, 'c1 c3 c5', 'and has it at once');
	ok(quiet($id), 'that is no change of theirs');
	is(labels()->{Own}, 'c1 c3 c5', 'either');
	# Theirs is what nobody has taken back: it holds.
	members(Tea => resourceNamesToRemove => ['c5']);
	ok(quiet($id), 'out of the label that chooses who comes');
	is(here($id) . labels()->{Own}, 'c1 c3c1 c3', 'it goes with its label');
	$back->();
	is(here($id) . labels()->{Own}, 'c1 c3 c5c1 c3 c5', 'and both come back');
	ok(quiet($id), 'and stay');
	is(here($id) . labels()->{Own}, 'c1 c3 c5c1 c3 c5', 'both');
	members(Tea => resourceNamesToAdd => ['c5']);
	left($id);
};

# Wherever the worker dies, in a sync that labels, in one that takes that back, and in one that
# leaves: afterwards it is as if nothing had happened, and each history tells of it once.
sub at_each_death {
	my ($what, $delay, $do) = @_;
	for my $ms (20, 60, 100, 140, 180) {
		$g->control({ latency_ms => $delay });
		$do->();
		select undef, undef, undef, $ms / 1000;
		$t->kill_all('KILL', 'tidemark-worker');
		$g->control({ latency_ms => 0 });
		my $over = sub {
			$t->tick;
			!$t->sql('SELECT count(*) FROM sync WHERE finished_at IS NULL')
		};
		ok(&wait_for($over, 60), "$what: it goes on after $ms ms") or diag $t->logs;
	}
}

subtest 'a worker that dies leaves nobody who is not known' => sub {
	($id) = connected(labels => ['Tea']);
	my ($n, $last) = (0);
	at_each_death(
		'on and off', 40,
		sub {
			my $label = $n++ % 2 ? undef : 'Theirs';
			my $to = { config => { label => $label } };
			my $set = sub { $t->patch("/api/connections/$id", $to)->{status} == 200 };
			&wait_for($set, 30);
			$t->cooled($id);
			$t->post('/api/sync', { connectionId => $id });
		}
	);
	ok(quiet($id), 'at last');
	is(labels()->{Theirs}, 'c1 c3 c5 c6', 'on');
	my $set = $t->get("/api/connections/$id/datasets")->{json}{data}[0]{id};
	for my $who (qw(c3 c5)) {
		my @told = reverse map { $_->{reason} =~ /put on/ ? 'on' : 'off' }
		    grep { ($_->{reason} // '') =~ /label/ }
		    @{ $t->get("/api/datasets/$set/records/people%2F$who/history")->{json}{data} };
		my $told = join ' ', @told;
		unlike($told, qr/on on|off off/, "$who: each once ($told)");
		is($told[-1], 'on', 'the last of them');
	}
	is(
		exit_of($id), '2: P3: the label "Theirs" (clean), P5: the label "Theirs" (clean)',
		'only those are ours'
	);
	left($id);
	is(labels()->{Theirs}, 'c1 c6', 'and go');
};

done_testing;
