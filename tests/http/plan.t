# seconds: 25
# A change of what is taken, or how, is a plan: what would delete, overwrite or add much on either
# side is held until somebody decides, all else is made at once and says what it does.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;
use Tidemark::Twoway qw(made);

my $g = Tidemark::Google->start;
my $t = Tidemark->start(env => { $g->env, TIDEMARK_DEMO => 1 });
my $admin = $t->sign_in('admin');
my $src = $t->source;

sub conn { return $t->get("/api/connections/$_[0]")->{json} }
sub change {
	my ($id, %config) = @_;
	return $t->patch("/api/connections/$id", { config => \%config });
}
sub page {
	my ($path, %form) = @_;
	my %as = (token => undef, headers => { cookie => $admin->{cookie} });
	return $t->get($path, %as) if !%form;
	return $t->post($path, undef, %as, form => { csrf => $admin->{csrf}, %form });
}
sub counted {
	my ($counts) = @_;
	return join ', ', map {
		my $side = $_;
		map { $counts->{$side}{$_} ? "$side $_ $counts->{$side}{$_}" : () }
		    qw(add update delete)
	} qw(local remote);
}
# Nothing waits for a run, and what is sent has gone.
sub quiet {
	return wait_for {
		!@{ $t->get('/api/sync')->{json}{active} }
		    && !$t->sql('SELECT count(*) FROM lane WHERE pid <> 0')
		    && !$t->sql("SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending')")
	}
	60;
}

# 60 towns in 20 lands.
my @towns = map { { id => $_, land => 'Land ' . $_ % 20, town => "Town $_" } } 1 .. 60;
my $at = '/t.json';
$src->put($at, JSON::PP->new->encode({ all => \@towns, few => [@towns[0 .. 4]] }));
my $json = $t->connect(
	json => $src->url($at), name => 'Towns', config => { key => 'id', records => 'all' }
)->{id};
$t->wait_run(conn($json)->{lastSync}{syncId});

subtest 'what changes nothing that was read is no plan' => sub {
	my $r = $t->patch("/api/connections/$json", { name => 'Towns of the world' });
	is_deeply [$r->{status}, $r->{json}{plan}], [200, undef];
	$r = change($json, headers => { Accept => 'application/json' });
	is_deeply [$r->{status}, $r->{json}{plan}], [200, undef];
	is $t->sync_and_wait($json)->{status}, 'complete';
};

subtest 'another key under which no record goes is made, and is told' => sub {
	my $r = change($json, key => 'town');
	is_deeply [$r->{status}, $r->{json}{plan}{state}], [200, 'applied'];
	is counted($r->{json}{plan}{counts}), 'local add 60, local delete 60';
	my $run = $t->sync_and_wait($json);
	is_deeply [@{ $run->{stats} }{qw(added deleted)}], [60, 60], 'as was told';
};

# The table of a page that says how much: here, and there.
sub told {
	my ($html) = @_;
	my ($table) = $html =~ m{<table class="counts">(.*?)</table>}s or return 'nothing';
	my @n = $table =~ m{<td class="num">(?:<a [^>]*>)?([\d,]+)}g;
	return "@n";
}
subtest 'settings that are typed are looked at before they are saved' => sub {
	my $state = sub {
		return JSON::PP->new->canonical->encode(conn($json))
		    . $t->sql('SELECT count(*) FROM audit');
	};
	my $before = $state->();
	my %typed = (
		name => 'Towns, typed', guard => 'always', guardPercent => 33, guardItems => 7,
		f_url => $src->url($at), f_key => 'town', f_records => 'few'
	);
	my $page = page("/connections/$json", do => 'preview', %typed);
	is $page->{status}, 200;
	like $page->{content}, qr/What these settings would change/;
	like $page->{content}, qr{<th scope="row">Here</th>};
	unlike $page->{content}, qr{<th scope="row">There</th>}, 'nothing is written there';
	like $page->{content}, qr/you will be asked before it is done/, 'that a person is asked';
	is told($page->{content}), '0 0 55', 'how much';
	my $asked = $t->post("/api/connections/$json/preview", { config => { records => 'few' } });
	is counted($asked->{json}{counts}), 'local delete 55', 'as the interface says';
	is scalar(() = $page->{content} =~ /<b>Town \d+/g), 50, 'what, in parts';
	like $page->{content}, qr/<button name="cursor" value="50"/;
	my $more = page("/connections/$json", cursor => 50, %typed);
	is scalar(() = $more->{content} =~ /<b>Town \d+/g), 5, 'the rest';
	like $more->{content}, qr/start="51"/;
	for ($page, $more) {
		like $_->{content}, qr/value="Towns, typed"/, 'what was typed stands there';
		like $_->{content}, qr/value="always" selected/;
		like $_->{content}, qr/name="guardPercent"[^>]*value="33"/s;
		like $_->{content}, qr/name="guardItems"[^>]*value="7"/s;
		like $_->{content}, qr/name="f_records"[^>]*value="few"/s;
		like $_->{content}, qr/<form [^>]*data-dirty[^-]/, 'and is known to be unsaved';
	}
	unlike $page->{content}, qr/type it once more/;
	my $secret = page(
		"/connections/$json", do => 'preview', %typed, f_authorization => 'typed-secret'
	);
	like $secret->{content}, qr/type it once more/, 'a secret is not shown, and that is said';
	unlike $secret->{content}, qr/typed-secret/;
	my $wrong = page("/connections/$json", do => 'preview', %typed, f_url => 'nonsense');
	is $wrong->{status}, 422, 'what is wrong is said';
	like $wrong->{content}, qr/value="nonsense"/;
	like $wrong->{content}, qr/value="Towns, typed"/;
	is page("/connections/$json", cursor => 'x', %typed)->{status}, 422;
	is $state->(), $before, 'nothing was saved';
};

subtest 'other records, without most of those that are here, wait; everything goes on' => sub {
	my $r = change($json, records => 'few');
	is $r->{status}, 202 or diag $r->{content};
	my $plan = $r->{json}{plan};
	is $plan->{state}, 'held';
	is $r->{json}{config}{records}, 'all', 'it is not made';
	is counted($plan->{counts}), 'local delete 55';
	my $held = conn($json)->{plan};
	is_deeply [@$held{qw(state syncId)}], ['held', $plan->{syncId}];
	is_deeply $held->{change}, { records => { before => 'all', after => 'few' } };
	is_deeply [conn($json)->{status}, conn($json)->{lastError}{code}],
	    ['attention', 'needs_approval'], 'somebody is needed';
	is $t->get('/api/connections')->{json}{counts}{attention}, 1, 'as is counted';
	my $asked = $t->get("/api/sync?syncId=$plan->{syncId}")->{json};
	is_deeply [$asked->{status}, $asked->{error}{code}], ['error', 'needs_approval'];
	is $asked->{review}{side}, 'plan';
	is $t->sync_and_wait($json)->{status}, 'complete', 'a sync is as it was';
	is keys %{ $t->records($json) }, 60;
	my $own = page("/connections/$json")->{content};
	like $own, qr/change of the settings is held/;
	my $decide = () = $own =~ m{class="button" href="/syncs/$plan->{syncId}"}g;
	is $decide, 1, 'once on its page';
	for my $list ('/', '/settings?tab=integrations', '/integrations-overview') {
		like page($list)->{content}, qr/is-error">Needs attention</, "$list says so";
	}
	like page('/')->{content},
	    qr{href="/syncs/$plan->{syncId}">Review the change of the settings<},
	    'the card leads to the question';
	like page('/conflicts')->{content}, qr/settings of Towns of the world is held/;
	my $show = page("/syncs/$plan->{syncId}")->{content};
	like $show, qr/Discard the change/;
	like $show, qr{<dt>records</dt>\s*<dd>all &rarr; few</dd>};
	my ($whole) = $show =~ m{href="(/connections/$json/preview\?plan=[^"]*)"};
	like page($whole =~ s/&amp;/&/gr)->{content}, qr/for the changed settings/;
	is $t->post("/api/sync/$plan->{syncId}/reject")->{status}, 202;
	is_deeply [@{ conn($json) }{qw(plan status lastError)}, conn($json)->{config}{records}],
	    [undef, 'active', undef, 'all'], 'discarded';
	is $t->post("/api/sync/$plan->{syncId}/approve")->{status}, 409, 'it is over';
};

subtest 'applied, it is made without another question' => sub {
	my $first = change($json, records => 'few')->{json}{plan}{syncId};
	my $second = change($json, records => 'few')->{json}{plan}{syncId};
	isnt $first, $second;
	is $t->post("/api/sync/$first/approve")->{status}, 409, 'the later change counts';
	my $r = $t->post("/api/sync/$second/approve");
	is $r->{status}, 202 or diag $r->{content};
	my $run = $t->wait_run($r->{json}{syncId});
	is $run->{status}, 'complete' or diag explain $run;
	is conn($json)->{config}{records}, 'few';
	is $run->{stats}{deleted}, 55;
	is conn($json)->{guard}, 'ask', 'once, and not for ever';
};

subtest 'where nobody is to be asked nothing is held' => sub {
	is change($json, records => 'all')->{status}, 200;
	is $t->sync_and_wait($json)->{stats}{added}, 55;
	my $r = $t->patch("/api/connections/$json", { guard => 'always' });
	is $r->{json}{guard}, 'always';
	like page("/connections/$json")->{content}, qr/value="always" selected/;
	$r = change($json, records => 'few');
	is_deeply [$r->{status}, $r->{json}{plan}{state}], [200, 'applied'];
	is $t->sync_and_wait($json)->{status}, 'complete';
	my $saved = page(
		"/connections/$json", do => 'edit', name => 'Towns', guard => 'ask',
		f_key => 'town', f_records => 'few', f_url => $src->url($at)
	);
	is $saved->{status}, 303;
	is conn($json)->{guard}, 'ask', 'the page takes it back';
	is $t->patch("/api/connections/$json", { guard => 'never' })->{status}, 422;
};

subtest 'what cannot be looked at is made, and said' => sub {
	$src->gone($at);
	my $r = change($json, key => 'id');
	is_deeply [$r->{status}, $r->{json}{plan}{state}], [200, 'unseen'];
	like $r->{json}{plan}{reason}, qr/asks before it deletes/;
};

$g->connect($t, path => '/api/auth/google/start?for=google-calendar');
$g->control({
	token => {
		value => 'somebody', email => 'ann@example.com',
		scope => 'https://www.googleapis.com/auth/calendar.events '
		    . 'https://www.googleapis.com/auth/calendar'
	}
});
sub theirs {
	my ($calendar) = @_;
	my $r = $g->calendar(somebody => GET => "$calendar/events?maxResults=500");
	return sort map { $_->{summary} } grep { $_->{status} ne 'cancelled' } @{ $r->{items} };
}
sub put_theirs {
	my ($calendar, @titles) = @_;
	$g->calendar(
		somebody => POST => "$calendar/events",
		{
			summary => $_, start => { date => '2026-10-05' },
			end => { date => '2026-10-06' }
		}
	) for @titles;
	return;
}
put_theirs('primary', map { "Theirs $_" } 10 .. 39);
my $cal = $t->connect(
	'google-calendar', undef, name => 'Work',
	config => { calendar => 'primary', direction => 'pull' }
)->{id};
$t->wait_run(conn($cal)->{lastSync}{syncId});
my %here = map { $_->{title} => $_->{id} } @{ $t->get('/api/events?limit=200')->{json}{data} };

subtest 'a direction by which a little is added goes through, and is told' => sub {
	made($t, title => "Ours $_") for 1 .. 3;
	$t->put("/api/events/$here{'Theirs 10'}", { title => 'Mine' });
	my $look = page(
		"/connections/$cal", do => 'preview', f_calendar => 'primary', f_direction => 'both'
	);
	is told($look->{content}), '0 0 0 3 1 0', 'as a look at the typed direction says'
	    or diag $look->{content};
	my $r = change($cal, direction => 'both');
	is $r->{status}, 200 or diag $r->{content};
	is_deeply [$r->{json}{plan}{state}, counted($r->{json}{plan}{counts})],
	    ['applied', 'remote add 3, remote update 1'];
	ok wait_for { (grep { /^(?:Ours|Mine)/ } theirs('primary')) == 4 } 30;
	quiet();
};

subtest 'one by which most of what is there would be overwritten is held' => sub {
	is change($cal, direction => 'pull')->{status}, 200;
	$t->sync_and_wait($cal);
	$t->put("/api/events/$here{\"Theirs $_\"}", { title => "Changed $_" }) for 11 .. 35;
	my $r = change($cal, direction => 'both');
	is $r->{status}, 202 or diag $r->{content};
	is counted($r->{json}{plan}{counts}), 'remote update 25';
	is conn($cal)->{config}{direction}, 'pull';
	quiet();
	is scalar(grep { /^Changed/ } theirs('primary')), 0, 'nothing was written';
	is $t->get("/api/calendar/sync/queue")->{json}{stats}{PENDING}, 0;
	$r = $t->post("/api/sync/$r->{json}{plan}{syncId}/approve");
	is $r->{status}, 202 or diag $r->{content};
	is $t->wait_run($r->{json}{syncId})->{status}, 'complete';
	ok wait_for { (grep { /^Changed/ } theirs('primary')) == 25 } 60;
	is $t->get("/api/calendar/sync/queue")->{json}{stats}{HELD}, 0, 'it is not asked again';
	quiet();
};

subtest 'another calendar, for which all that was read would go, is held' => sub {
	my $other = $t->{http}->post(
		$g->base . '/fake/api/calendar/v3/calendars',
		{
			headers => {
				authorization => 'Bearer somebody',
				'content-type' => 'application/json'
			},
			content => '{"summary":"Other"}'
		}
	);
	$other = json($other->{content});
	put_theirs($other->{id}, 'Elsewhere');
	my $r = change($cal, calendar => $other->{id});
	is $r->{status}, 202 or diag $r->{content};
	like counted($r->{json}{plan}{counts}), qr/local add 1, local delete 33/;
	quiet();
	is scalar @{ $t->get('/api/events?limit=200')->{json}{data} }, 33, 'all is here';
	like page("/syncs/$r->{json}{plan}{syncId}")->{content}, qr/deleted here/;
	is $t->post("/api/sync/$r->{json}{plan}{syncId}/reject")->{status}, 202;
	is $t->sync_and_wait($cal)->{status}, 'complete';
	is scalar @{ [theirs('primary')] }, 33;
};

done_testing;
