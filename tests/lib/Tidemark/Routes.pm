package Tidemark::Routes;
# The route table as tests see it, a user with something of everything, and the requests that fit
# each route. A route that nothing here fits is a failure of the tests that use this: add it to
# %ids or %query below.
use strict;
use warnings;
use Exporter 'import';
use Tidemark;
use Tidemark::Twoway;
our @EXPORT = qw(routes rows populate requests_for);

# [{method, path, name, who, guard, scope, summary, api}] of routes.def.
sub routes {
	my @found;
	my $text = file_text(Tidemark->root . '/cgi-src/fcgi/routes.def');
	my $word = qr/,\s*(\w+)/;
	for ($text =~ /^(ROUTE\(.*?"\))$/gms) {
		my %r;
		@r{qw(method path name who guard scope pool summary)} =
		    /^ROUTE\(M_(\w+),\s*"([^"]+)"$word$word$word$word,\s*\w+$word,\s*"(.*)"\)$/s
		    or die "not a route: $_";
		push @found,
		    {
			%r, scope => lc $r{scope},
			api => scalar($r{path} =~ m{^/(?:api/|healthz$|readyz$|metrics$)})
		    };
	}
	return @found;
}

# Rows of a query, as a list of hashes.
sub rows {
	my ($t, $sql) = @_;
	my $text = do {
		open my $p, '-|', 'sqlite3', '-json', '-cmd', '.timeout 60000',
		    $t->home . '/tidemark.db', $sql
		    or die "sqlite3: $!";
		local $/;
		<$p>;
	};
	return defined $text && length $text ? @{ json($text) } : ();
}

# Gives a user a connection with a secret, records, history, a run that waits for an answer, a
# notice, a token, a session and a webhook with a delivery. Every text of it contains the user's
# name in capitals, and nothing else does.
sub populate {
	my ($t, @users) = @_;
	my (%u, %first, $n);
	$t->post('/api/webhooks/notion', { verification_token => 'secret' }, token => undef);
	my $src = $t->source;
	for my $user (@users) {
		my $mark = uc($user) . '-MARK';
		my $csv = "id,name,$mark\n" . join '', map { "$mark-$_,$mark,$_\n" } 1 .. 40;
		$src->put("/$user.csv", $csv);
		my $as = $t->token($user);
		# One whose data was kept: older than the one that the rest is about.
		my $old = $t->connect(
			csv => $src->url("/$user.csv"), token => $as, name => "$mark kept",
			start => false
		);
		$t->del("/api/connections/$old->{id}", token => $as);
		my $c = $t->connect(
			csv => $src->url("/$user.csv"), token => $as,
			name => "$mark connection", config => { authorization => "Bearer $mark" }
		);
		$u{$user} = { name => $user, mark => $mark, token => $as, conn => $c->{id} };
		$first{$user} = $c->{activeSyncId};
	}
	for my $user (@users) {
		$t->wait_run($first{$user}, 30, token => $u{$user}{token});
		$t->source->put("/$user.csv", "id,name,$u{$user}{mark}\n$u{$user}{mark}-1,x,1\n");
	}
	for my $user (@users) {
		my $o = $u{$user};
		my $run = $t->sync_and_wait($o->{conn}, 30, token => $o->{token});
		die "no run that asks: $run->{status}"
		    if ($run->{error}{code} // '') ne 'needs_approval';
		$src->put("/hook-$user", '');
		my $hook = $t->post(
			'/api/webhooks',
			{
				url => $src->url("/hook-$user"),
				description => "$o->{mark} webhook", events => ['sync.failed']
			},
			token => $o->{token}
		)->{json}{id};
		my $sent =
		    $t->post("/api/webhooks/$hook/test", undef, token => $o->{token})->{json}{id};
		wait_for {
			$t->get("/api/webhooks/$hook/deliveries", token => $o->{token})
			    ->{json}{data}[0]{status} eq 'done'
		} or die 'a test was not delivered';
		my $event = $t->post(
			'/api/events',
			{
				title => "$o->{mark} event", startDateTime => '2026-10-05',
				endDateTime => '2026-10-06', recurrence => ['RRULE:FREQ=DAILY']
			},
			token => $o->{token}
		);
		die "no event: $event->{content}" if $event->{status} != 201;
		$o->{session} = $t->sign_in($user);
		($o->{id}) =
		    map { $_->{id} } rows($t, "SELECT id FROM account WHERE name = '$user'");
		# What is asked about it, as if it had a twin.
		my $link = twin_of($t, $event->{json}{event}{id}, $o->{conn});
		conflict_of(
			$t, $link, [{ field => 'title', local => $o->{mark}, remote => $o->{mark} }]
		);
		item_of($t, $link);
		# A record of it is a person.
		rows(
			$t,
			'INSERT INTO person (dataset_no, key, owner, profile_id, name) '
			    . "SELECT d.no, r.key, d.owner, 'profile-' || d.owner, lower(r.key) "
			    . 'FROM dataset d JOIN record r ON r.dataset_no = d.no '
			    . "WHERE d.owner = '$o->{id}' AND d.connection_id = '$o->{conn}' "
			    . 'LIMIT 1'
		);
		# An account at a provider, as if the person had signed in there.
		rows(
			$t,
			"INSERT INTO remote_account (id, owner, provider, kind, subject, address, "
			    . "scopes, sealed, granted_at, created_at) VALUES ('"
			    . sprintf('%08x-0000-7000-8000-000000000001', ++$n)
			    . "', '$o->{id}', 'google', 'oauth', '$user', "
			    . "'$o->{mark}\@example.com', '', '', 1, 1)"
		);
	}
	return map { $u{$_} } @users;
}

# What stands for {id} below a path: the tables whose rows of the user are tried.
my %ids = (
	connections => 'connection', sync => 'sync', syncs => 'sync', datasets => 'dataset',
	tokens => 'api_token', sessions => 'web_session', users => 'account',
	webhooks => 'webhook', notices => 'notice', accounts => 'remote_account', kept => 'kept',
	events => 'event', conflicts => 'conflict', 'calendar/integrations' => 'connection',
	profiles => 'profile',
	subscriptions => 'subscription',
);
# Those that are not all rows of a table.
my %table = (
	connection => 'connection WHERE removed_at IS NULL AND owner =',
	kept => 'connection WHERE removed_at IS NOT NULL AND owner =',
	account => 'account WHERE id =',
	profile => '(SELECT profile_id AS id, owner FROM person) WHERE owner =',
	# The operator's, whoever he is.
	subscription => "subscription WHERE '' <>",
);

# Ids in queries and bodies, and bodies that are right in all else: without them a refusal would
# be one of the form. \'TABLE' becomes an id of that table.
my $event = { title => 'taken over' };
my %fields = (
	'POST /api/sync' => { body => { connectionId => \'connection' } },
	'POST /api/sync-sheets-bg' => { body => { connectionId => \'connection' } },
	'GET /api/sync' => { query => { syncId => \'sync' } },
	'GET /api/sync/stream' => { query => { syncId => \'sync' } },
	'GET /api/sync-sheets-bg' => { query => { syncId => \'sync' } },
	'DELETE /api/tokens' => { query => { id => \'api_token' } },
	'PATCH /api/connections/{id}' => { body => { name => 'taken over' } },
	'PUT /api/connections/{id}/schedule' =>
	    { body => { enabled => true, frequency => 'daily' } },
	'POST /api/connections/{id}/reset' => { body => { mode => 'clear' } },
	'GET /api/analytics' => { query => { connection => \'connection' } },
	'GET /api/auth/{provider}/start' => { query => { connection => \'connection' } },
	'POST /settings/accounts' =>
	    { forms => [{ do => 'remove', sure => 1, id => \'remote_account' }] },
	(
		map { ("$_ /api/events" => { query => { id => \'event' }, body => $event }) }
		    qw(GET PUT DELETE)
	),
	'PUT /api/events/{id}' => { body => $event },
	'PUT /api/events/{id}/occurrences/{start}' => { body => $event },
	'POST /api/profiles/{id}/link' => { body => { with => \'profile', same => true } },
	'POST /profiles/{id}' => { forms => [{ do => 'same', with => \'profile' }] },
	'PATCH /api/datasets/{id}' => { body => { people => undef } },
	'POST /conflicts/{id}' => { forms => [map { { do => $_ } } qw(local remote merge)] },
	'POST /api/conflicts/{id}' => { body => { choice => 'remote' } },
	'POST /events/{id}' => {
		forms => [
			map { { do => $_, sure => 1, conflict => \'conflict', choice => 'remote' } }
			    qw(remove restore answer undo)
		]
	},
	'POST /events/{id}/edit' => {
		forms => [{
			title => 'taken over', allDay => 1, startDate => '2026-10-05',
			endDate => '2026-10-05', rev => 1, base => '{}'
		}]
	},
	'POST /api/calendar/sync/notion/pull' => { body => { integrationId => \'connection' } },
	'GET /api/calendar/sync/notion/pull' => { query => { integrationId => \'connection' } },
	'PUT /api/calendar/webhooks/google' => { body => { integrationId => \'connection' } },
	'DELETE /api/calendar/webhooks/google' => { query => { integrationId => \'connection' } },
	'POST /api/calendar/sync/queue' => { query => { id => \'outbox' } },
	'POST /calendar/queue' => { forms => [{ id => \'outbox' }] },
	'PATCH /api/webhooks/{id}' => { body => { description => 'taken over' } },
	'PATCH /api/users/{id}' => { body => { role => 'operator' } },
	'POST /settings/tokens' =>
	    { forms => [map { { do => $_, sure => 1, id => \'api_token' } } qw(rotate revoke)] },
	'POST /settings/account' => { forms => [{ do => 'end', id => \'web_session' }] },
	'POST /settings/users' => {
		forms => [
			map { { do => $_, sure => 1, id => \'account' } }
			    qw(invite reset disable enable operator member remove)
		]
	},
	'POST /connections/{id}' => {
		forms => [
			map { {
				do => $_, data => 'delete', frequency => 'daily', enabled => 1,
				mode => 'clear', name => 'taken over'
			} } qw(sync schedule edit pause resume refetch clear remove)
		]
	},
	'POST /kept/{id}' => { forms => [map { { do => $_ } } qw(reconnect delete)] },
	'POST /syncs/{id}' => { forms => [map { { do => $_ } } qw(cancel approve always keep)] },
	'POST /webhooks/{id}' => {
		forms => [
			map { {
				do => $_, sure => 1, url => 'http://127.0.0.1:1/',
				delivery => \'delivery'
			} }
			    qw(edit on off test again rotate remove)
		]
	},
);
# Routes without a reference to anything that belongs to somebody.
my %plain = map { $_ => 1 } (
	'GET /healthz', 'GET /readyz', 'GET /metrics', 'GET /api/doctor', 'GET /api/openapi.json',
	'GET /sign-in', 'POST /sign-in', 'POST /sign-out', 'GET /confirm', 'POST /confirm',
	'GET /api/tokens', 'POST /api/tokens',
	'GET /api/account', 'PATCH /api/account', 'POST /api/account/password',
	'GET /api/sessions', 'DELETE /api/sessions', 'GET /api/users', 'POST /api/users',
	'GET /api/audit', 'GET /api/webhooks', 'POST /api/webhooks',
	'POST /settings/webhooks', 'POST /settings/contacts',
	'GET /api/accounts', 'POST /api/accounts', 'GET /api/quota', 'GET /api/subscriptions',
	'GET /analytics', 'GET /api/auto-sync/config', 'PUT /api/auto-sync/config',
	'GET /api/logos-vision/auto-sync/config', 'PUT /api/logos-vision/auto-sync/config',
	'GET /api/auth/{provider}/callback', 'POST /api/webhooks/{receiver}',
	'POST /api/calendar/webhooks/google', 'GET /api/providers',
	'POST /api/test', 'POST /api/preview', 'GET /api/connections', 'POST /api/connections',
	'GET /api/connectors/sync', 'POST /api/connectors/sync',
	'GET /', 'GET /settings', 'GET /settings/{tab}', 'POST /settings/add', 'GET /sign-out',
	'GET /calendar', 'POST /calendar', 'GET /calendar/new', 'POST /calendar/new',
	'GET /calendar/queue', 'GET /calendar.ics', 'GET /calendar/help',
	'GET /integrations-overview', 'GET /api/kept', 'GET /kept', 'POST /api/events',
	'GET /api/conflicts', 'GET /conflicts', 'GET /api/calendar/integrations',
	'GET /api/calendar/sync/queue', 'GET /api/profiles', 'GET /profiles',
	'GET /api/profiles/order', 'PUT /api/profiles/order',
	'DELETE /api/calendar/sync/queue',
);

# The ids that a table has of a user.
sub ids_of {
	my ($t, $user, $table) = @_;
	return $user->{ids}{$table} //= [
		map { $_->{id} } rows(
			$t,
			'SELECT id FROM '
			    . ($table{$table} // "$table WHERE owner =")
			    . " '$user->{id}' ORDER BY id DESC LIMIT 2"
		)
	];
}

# The requests of a route about things of a user: [{path, body, form}]; undef when there is no
# telling what fits; an empty list when the route is about nothing of anybody's.
sub requests_for {
	my ($t, $route, $user) = @_;
	my $key = "$route->{method} $route->{path}";
	my $f = $fields{$key} // {};
	my ($kind) = $route->{path} =~ m{^/(?:api/)?([\w/-]+)/\{id\}};
	my @tables = map { ref $_ eq 'SCALAR' ? $$_ : () } map { values %$_ } $f->{body} // {},
	    $f->{query} // {}, @{ $f->{forms} // [] };
	return $plain{$key} ? [] : undef if !$kind && !@tables;
	my $table = $kind ? $ids{$kind} : $tables[0];
	return undef if !$table;
	my @requests;
	for my $id (@{ ids_of($t, $user, $table) }) {
		# An id of the table that the route is about is this one; of another, the first
		# that there is.
		my $put = sub {
			my ($h) = @_;
			return $h && {
				map {
					my $v = $h->{$_};
					(
						  $_ => ref $v ne 'SCALAR' ? $v
						: $$v eq $table ? $id
						: ids_of($t, $user, $$v)->[0]
					)
				} keys %$h
			}
		};
		my $path =
		    $route->{path} =~ s/\{id\}/$id/r =~ s/\{key\}/$user->{mark}-1/r =~
		    s/\{provider\}/google/r =~ s/\{receiver\}/google-drive/r =~
		    s/\{start\}/2026-10-05/r =~
		    s/\{delivery\}/ids_of($t, $user, 'delivery')->[0]/er;
		return undef if $path =~ /\{/;
		my $query = $put->($f->{query});
		$path .= '?' . join '&', map { "$_=$query->{$_}" } sort keys %$query if $query;
		my $body = $put->($f->{body});
		my @forms = map { $put->($_) } @{ $f->{forms} // [$route->{api} ? () : {}] };
		push @requests,
		      $route->{method} eq 'GET' || $route->{method} eq 'DELETE' ? { path => $path }
		    : $route->{api} ? { path => $path, body => $body // {} }
		    : map { { path => $path, form => $_ } } @forms;
	}
	return @requests ? \@requests : undef;
}

1;
