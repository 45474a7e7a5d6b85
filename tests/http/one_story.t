# Whatever state connections are in, every screen tells the same of them: menu, Home, Overview,
# Settings, the interface, its lists and the metrics; also when there are more than fit on a page.
# And lists choose, sort and page over all there is.
use strict;
use warnings;
use Fcntl qw(LOCK_EX);
use FindBin;
use lib "$FindBin::Bin/../lib";
use List::Util qw(shuffle);
use Test::More;
use Tidemark;

use constant STATES => qw(attention syncing retrying active manual);
my $t = Tidemark->start;
my $bob = $t->token('bob');
my $operator = $t->token('admin', 'read,operator');
my $session = $t->sign_in('bob');
my $owner = $t->sql("SELECT id FROM account WHERE name = 'bob'");
srand 7;

# One connection is as the product makes it, the others are copies of its rows.
my $first = $t->connect(csv => 'http://127.0.0.1:1/a.csv', token => $bob, start => false)->{id};
my %conn = ($first => { name => 'a.csv', provider => 'csv' });

sub grow {
	my ($n) = @_;
	my $sql = '';
	while (keys %conn < $n) {
		my $no = keys %conn;
		my $id = sprintf '01900000-0000-7000-8000-%012d', $no;
		my ($name, $provider) = (sprintf('Nr %d %s', $no, $no % 7 ? 'even' : 'Odd'), 'csv');
		$provider = 'ical' if $no % 5 == 0;
		$conn{$id} = { name => $name, provider => $provider };
		$sql .= "INSERT INTO connection (id, name, provider, owner, config, created_at, "
		    . "updated_at) SELECT '$id', '$name', '$provider', owner, config, "
		    . "created_at, updated_at FROM connection WHERE id = '$first';";
		$sql .= "INSERT INTO schedule (connection_id, owner, enabled, health, "
		    . "frequency, interval_minutes, set_at) "
		    . "VALUES ('$id', '$owner', 1, 'ok', 'hourly', 60, 1);";
		$sql .= "INSERT INTO dataset (no, id, connection_id, owner, remote_id, name, "
		    . "columns, key_rule, rows, created_at) "
		    . "VALUES ($no, 'd$no', '$id', '$owner', '', '', '[]', '{}', $no, 1);";
	}
	$t->sql("BEGIN; $sql COMMIT");
}

# No tick changes what is looked at.
open my $lock, '>>', $t->home . '/tick.lock' or die $!;
flock $lock, LOCK_EX or die $!;

# Puts a connection into a state by chance; what it is in then.
my $run = 0;
sub change {
	my ($id) = @_;
	my $health = (qw(ok ok retrying attention))[rand 4];
	my ($enabled, $active) = (int rand 2, rand() < 0.2 ? 1 : 0);
	my $sql = "UPDATE schedule SET health = '$health', enabled = $enabled, error_code = "
	    . ($health eq 'ok' ? 'NULL' : "'not_found'") . ", next_poll_at = NULL "
	    . "WHERE connection_id = '$id'; DELETE FROM sync WHERE connection_id = '$id';";
	my $asks = !$active && rand() < 0.1;
	$run++;
	$sql .= "INSERT INTO sync (no, id, connection_id, owner, trigger, state, phase, "
	    . "created_at, updated_at, finished_at) "
	    . "VALUES ($run, 'r$run', '$id', '$owner', 'manual', "
	    . ($active ? "'queued', 'downloading', 1, 1, NULL" : "'error', 'error', 1, 1, 1") . ');'
	    if $active || $asks || rand() < 0.5;
	$sql .= 'UPDATE connection SET plan = ' . ($asks ? "'r$run'" : 'NULL')
	    . " WHERE id = '$id';";
	$conn{$id}{status} =
	      $active ? 'syncing'
	    : $asks ? 'attention'
	    : $health eq 'ok' ? ($enabled ? 'active' : 'manual')
	    : $health;
	return $sql;
}

sub page {
	my %h = (cookie => $session->{cookie});
	return $t->get($_[0], token => undef, headers => \%h)->{content};
}
sub number { my ($text) = @_; return defined $text ? $text =~ tr/,//dr : 0 }
sub expected {
	my %n = map { $_ => 0 } STATES;
	$n{ $_->{status} }++ for values %conn;
	return \%n;
}

my $states_ok = sub {
	my $n = expected();
	my $all = keys %conn;
	my @wrong;
	my $same = sub {
		my ($what, $got, $want) = @_;
		$got //= 'nothing';
		push @wrong, "$what: $got, not $want" if $got ne $want;
	};
	my $home = page('/');
	my ($title) = $home =~ m{<h1>(.*?)</h1>};
	$same->(
		'Home', $title,
		  $n->{attention}
		? "$n->{attention} of $all need" . ($n->{attention} == 1 ? 's' : '') . ' attention'
		: $n->{syncing} ? "$n->{syncing} syncing now"
		: 'Everything is in sync'
	);
	my $overview = page('/integrations-overview');
	my $tab = qr{<a href="[^"]*status=(\w+)"[^>]*>[^<]*<span\s+class="num">([\d,]+)};
	my %tab = $overview =~ /$tab/g;
	my ($total) = $overview =~ m{>All <span\s+class="num">([\d,]+)};
	$same->('Overview, all', $total, $all);
	$same->("Overview, $_", $tab{$_}, $n->{$_}) for STATES;
	my %menu = (
		Home => $home, Overview => $overview, Tokens => page('/settings?tab=tokens'),
		Analytics => page('/analytics'), 'a page that is not there' => page('/nowhere')
	);
	for (sort keys %menu) {
		my ($count) = $menu{$_} =~ /<span class="count">([\d,]+)/;
		$same->("the menu of $_", number($count), $n->{attention});
	}
	my $list = $t->get('/api/connections?limit=1', token => $bob)->{json};
	$same->('the interface, all', $list->{total}, $all);
	$same->("the interface, $_", $list->{counts}{$_}, $n->{$_}) for STATES;
	my $metrics = $t->get('/metrics', token => $operator)->{content};
	my %metric = $metrics =~ /^tidemark_connection_states\{state="(\w+)"\} (\d+)$/mg;
	$same->("the metrics, $_", $metric{$_}, $n->{$_}) for STATES;
	my $one = (keys %conn)[rand $all];
	my $shown = $t->get("/api/connections/$one", token => $bob)->{json};
	$same->("the badge of $conn{$one}{name}", $shown->{status}, $conn{$one}{status});
	diag join "\n", @wrong if @wrong;
	return !@wrong;
};

for my $size (3, 130) {
	grow($size);
	$t->sql(join '', map { change($_) } keys %conn);
	my $rounds = $size < 100 ? 170 : 30;
	my $good = 0;
	for (1 .. $rounds) {
		$t->sql(join '', map { change($_) } (shuffle keys %conn)[0 .. rand 3]);
		last if !$states_ok->();
		$good++;
	}
	is $good, $rounds, "$rounds states of $size connections are told alike everywhere";
}

subtest 'one broken among many, made last, is the first that is shown' => sub {
	$t->sql("DELETE FROM sync; UPDATE connection SET plan = NULL; "
		    . "UPDATE schedule SET health = 'ok', enabled = 1");
	my $last = (sort keys %conn)[-1];
	$t->sql("UPDATE schedule SET health = 'attention', error_code = 'not_found' "
		    . "WHERE connection_id = '$last'");
	$_->{status} = 'active' for values %conn;
	$conn{$last}{status} = 'attention';
	for my $path ('/', '/integrations-overview') {
		my ($shown) = page($path) =~ m{data-connection="([^"]+)"};
		is $shown, $last, $path;
	}
	like page('/'), qr{<h1>1 of 130 needs attention</h1>};
	like page('/'), qr{130 connections, 8,385 records}, 'and all records are counted';
};

# Every id of a list, page by page.
sub every {
	my ($query, $limit) = @_;
	my (@ids, $cursor);
	do {
		my $r = $t->get(
			"/api/connections?limit=$limit$query" . ($cursor ? "&cursor=$cursor" : ''),
			token => $bob
		);
		return "answered $r->{status}" if $r->{status} != 200;
		push @ids, map { $_->{id} } @{ $r->{json}{data} };
		$cursor = $r->{json}{nextCursor};
	} while ($cursor);
	return join ' ', @ids;
}

subtest 'the list is searched, filtered, sorted and paged over all of it' => sub {
	my @made = sort keys %conn;
	my %no = map { $_ => $conn{$_}{name} =~ /(\d+)/ ? $1 : 0 } @made;
	is every('', 7), "@made", 'in order of making, by sevens';
	is every('&sort=-created', 50), join(' ', reverse @made), 'the other way round';
	is every('&q=odd', 4), join(' ', grep { $conn{$_}{name} =~ /Odd/ } @made),
	    'by a word, whatever its case';
	is every('&q=nr%2012%20even', 500),
	    join(' ', grep { $conn{$_}{name} =~ /Nr.*12.*even/ } @made), 'by several words';
	is every('&q=calendar', 500), join(' ', grep { $conn{$_}{provider} eq 'ical' } @made),
	    'by the name of its kind';
	is every('&provider=ical&q=odd', 500),
	    join(' ', grep { $conn{$_}{provider} eq 'ical' && $conn{$_}{name} =~ /Odd/ } @made),
	    'by kind and word';
	is every('&status=attention', 500), $made[-1], 'by state';
	is every('&sort=name', 9),
	    join(' ', sort { lc $conn{$a}{name} cmp lc $conn{$b}{name} } @made), 'by name';
	is every('&sort=-records', 11), join(' ', sort { $no{$b} <=> $no{$a} } @made), 'by records';
	is every('&sort=state', 33), join(' ', $made[-1], @made[0 .. $#made - 1]), 'by state';
	is every('&q=nothing%20like%20it', 5), '', 'nothing is like that';
	my $page = $t->get('/api/connections?limit=10&sort=name', token => $bob)->{json};
	my $gone = $page->{data}[9]{id};
	$t->del("/api/connections/$gone?data=delete", token => $bob);
	my $next = $t->get(
		"/api/connections?limit=1&sort=name&cursor=$page->{nextCursor}",
		token => $bob
	);
	my @names = sort { lc $conn{$a}{name} cmp lc $conn{$b}{name} } @made;
	is $next->{json}{data}[0]{id}, $names[10], 'a page goes on where one has gone';
	delete $conn{$gone};
	unlike page('/integrations-overview?q=odd&sort=name&page=2'), qr{\d to \d+ of \d+},
	    'a page behind the last is the first';
	my @shown = page('/integrations-overview?sort=-created&page=3') =~
	    m{<tr data-connection="([^"]+)"}g;
	is "@shown", join(' ', (reverse sort keys %conn)[100 .. keys(%conn) - 1]),
	    'pages of the page';
	like page('/settings?tab=integrations&q=odd&status=retrying'),
	    qr/No connection matches/;
};

subtest 'a word that a call does not know is refused' => sub {
	my $d = $t->get("/api/connections/$first/datasets", token => $bob)->{json};
	for (
		'/api/connections?state=attention', '/api/connections?status=broken',
		'/api/connections?provider=fax', '/api/connections?sort=size',
		'/api/connections?q=a&q=b', '/api/connections?cursor=nonsense',
		'/api/providers?kind=csv', '/api/tokens?scope=read', '/api/webhooks?enabled=1',
		"/api/connections/$first/syncs?result=error", "/api/connections/$first?fields=id",
		'/api/sync?connectionId=1', '/api/accounts?provider=google', '/api/sessions?all=1',
		'/api/audit?action=connected', '/api/audit?all=yes', '/api/analytics?days=7',
		'/api/quota?minute=1', "/api/connections/$first/schedule?tz=UTC",
		'/api/connectors/sync?all=1'
	) {
		my $r = $t->get($_, token => $bob);
		is $r->{status}, 422, $_;
		is $r->{json}{code}, 'invalid_input';
	}
	my $r = $t->get('/api/users?role=member', token => 'admin:read,operator');
	is_deeply [@{ $r->{json}{errors}[0] }{qw(field message)}],
	    ['role', 'This address does not know the word; it knows: limit, cursor.'], 'and named';
	is $t->del("/api/connections/$first?remote=all", token => $bob)->{status}, 422,
	    'nothing is done under a word that was not understood';
	is $t->get("/api/connections/$first", token => $bob)->{status}, 200;
};

subtest 'every list takes a limit and goes on by its cursor' => sub {
	for (qw(providers tokens)) {
		my $all = $t->get("/api/$_", token => $bob)->{json}{data};
		my @got;
		my $cursor = '';
		do {
			my $more = $cursor && "&cursor=$cursor";
			my $r = $t->get("/api/$_?limit=1$more", token => $bob)->{json};
			is @{ $r->{data} }, 1, 'one at a time';
			push @got, @{ $r->{data} };
			$cursor = $r->{nextCursor};
		} while ($cursor && @got < 20);
		is_deeply \@got, $all, $_;
	}
};

subtest 'the syncs of more connections than fit on a page are all there' => sub {
	$t->sql("DELETE FROM sync; " . join '', map { change($_) } keys %conn);
	my %want = map { $_ => 1 } split /\n/, $t->sql('SELECT id FROM sync');
	my (%got, $cursor);
	do {
		my $more = $cursor ? "&cursor=$cursor" : '';
		my $r = $t->get("/api/sync?limit=20$more", token => $bob)->{json};
		$got{ $_->{syncId} }++ for @{ $r->{data} };
		$cursor = $r->{nextCursor};
	} while ($cursor);
	is_deeply \%got, \%want;
};

# Calendars that are written to: what waits, is held, could not be written or is asked about, and
# channels that are lost.
subtest 'what is on its way to calendars, and what is asked about it, is told alike' => sub {
	$t->sql("DELETE FROM sync; UPDATE connection SET plan = NULL; "
		    . "UPDATE schedule SET health = 'ok', enabled = 1, error_code = NULL");
	my @cal = map { sprintf '01900000-0000-7000-9000-%012d', $_ } 1 .. 3;
	my $past = (time - 3600) * 1000;
	my $rows = '';
	for my $no (1 .. 3) {
		my $id = $cal[$no - 1];
		$rows .= "INSERT INTO connection (id, name, provider, owner, config, created_at, "
		    . "updated_at) VALUES ('$id', 'Calendar $no', 'google-calendar', "
		    . "'$owner', "
		    . "'{\"calendar\":\"primary\"}', 1, 1);";
		$rows .= "INSERT INTO schedule (connection_id, owner, enabled, health, frequency, "
		    . "interval_minutes, set_at, last_success_at) "
		    . "VALUES ('$id', '$owner', 1, 'ok', "
		    . "'hourly', 60, 1, $past);";
		$rows .= "INSERT INTO link (id, owner, connection_id, "
		    . "object_kind, object_key, base, "
		    . "state, created_at, updated_at) VALUES ('l$no$_', '$owner', '$id', 'event', "
		    . "'e$no$_', '{}', 'queued', 1, 1);"
		    for 1 .. 4;
	}
	$t->sql("BEGIN; $rows COMMIT");
	my (%n, %of);
	my $state = sub {
		my $sql = 'DELETE FROM outbox; DELETE FROM conflict; DELETE FROM channel;'
		    . 'DELETE FROM sync;';
		(%n, %of) = ();
		for my $no (1 .. 3) {
			my $id = $cal[$no - 1];
			my $asks = '';
			for my $k (1 .. 4) {
				my $so = (qw(none none waiting sending unsure held failed))[rand 7];
				next if $so eq 'none';
				$asks = "q$no" if $so eq 'held';
				my $question = $so eq 'held' ? "'q$no'" : 'NULL';
				$n{$so}++;
				$of{$id}{$so}++;
				$sql .= "INSERT INTO outbox (id, owner, link_id, "
				    . "connection_id, op, state, "
				    . "question, created_at, updated_at) VALUES ('o$no$k', "
				    . "'$owner', "
				    . "'l$no$k', '$id', 'put', '$so', $question, 1, 1);";
			}
			for my $k (grep { rand() < 0.1 } 1 .. 4) {
				$n{conflicts}++;
				$of{$id}{conflicts}++;
				$sql .= "INSERT INTO conflict (id, owner, link_id, connection_id, "
				    . "object_kind, object_key, policy, state, fields, "
				    . "kept, detected_at) "
				    . "VALUES ('c$no$k', '$owner', 'l$no$k', '$id', "
				    . "'event', 'e$no$k', "
				    . "'ask', 'open', '[]', '{}', 1);";
			}
			if ($asks) {
				$n{questions}++;
				$sql .= "INSERT INTO sync (no, id, connection_id, "
				    . "owner, trigger, state, "
				    . "phase, error_code, review, created_at, updated_at, "
				    . "finished_at) "
				    . "VALUES ($no, '$asks', '$id', '$owner', 'guard', "
				    . "'error', 'error', "
				    . "'needs_approval', '{\"side\":\"remote\"}', 1, 1, 1);";
			}
			next if rand() < 0.5;
			$of{$id}{channel} = "ch$no";
			$sql .= "INSERT INTO channel (id, owner, "
			    . "connection_id, token_hash, resource_id, "
			    . "expires_at, created_at) VALUES ('ch$no', '$owner', '$id', 'x', 'r', "
			    . (time + 3600) * 1000 . ', 1);';
		}
		$t->sql("BEGIN; $sql COMMIT");
	};
	my $words = sub {
		my ($count, $one, $many) = @_;
		return "$count " . ($count == 1 ? $one : $many);
	};
	my $told = sub {
		my @wrong;
		my $same = sub {
			my ($what, $got, $want) = @_;
			$got //= 'nothing';
			push @wrong, "$what: $got, not $want" if $got ne $want;
		};
		my ($held, $failed) = map { $n{$_} // 0 } qw(held failed);
		my $waits = ($n{waiting} // 0) + ($n{unsure} // 0);
		my $on_way = $waits + ($n{sending} // 0);
		my $asked = ($n{conflicts} // 0) + ($n{questions} // 0);
		my $stopped = grep { $_->{held} } values %of;
		my $home = page('/');
		my ($title) = $home =~ m{<h1>(?:<a [^>]*>)?(.*?)(?:</a>)?</h1>};
		$same->(
			'Home', $title,
			  $stopped ? "$stopped of " . (@cal + keys %conn) . ' need'
			    . ($stopped == 1 ? 's' : '') . ' attention'
			: $asked ? $words->($asked, 'question waits', 'questions wait') . ' for you'
			: $failed ? $words->($failed, 'change could', 'changes could')
			    . ' not be written'
			: $on_way ? $words->($on_way, 'change is', 'changes are') . ' on the way'
			: 'Everything is in sync'
		);
		my %seen = (Home => $home);
		$seen{$_} = page($_) for '/calendar', '/calendar/queue';
		for (map { [$_, $seen{$_}] } sort keys %seen) {
			my ($count) = $_->[1] =~
			    m{href="/conflicts"[^>]*>[^<]*(?:<span class="count">([\d,]+))?};
			$same->("the menu of $_->[0]", number($count), $asked);
		}
		my $open = $t->get('/api/conflicts?state=open', token => $bob)->{json}{data};
		$same->('open conflicts', scalar @$open, $n{conflicts} // 0);
		my $stats = $t->get('/api/calendar/sync/queue', token => $bob)->{json}{stats};
		my %want = (
			PENDING => $waits, PROCESSING => $n{sending} // 0, HELD => $held,
			FAILED => $failed
		);
		$same->("the queue, $_", $stats->{$_}, $want{$_}) for sort keys %want;
		my ($stuck) = page('/calendar') =~ m{([\d,]+) changes? ha(?:s|ve) not been written};
		$same->('the calendar', number($stuck), $held + $failed);
		my $list = $t->get('/api/calendar/integrations', token => $bob)->{json}{data};
		$same->('calendars', scalar @$list, 3);
		for my $c (@$list) {
			my $of = $of{ $c->{id} } // {};
			my $on = 0;
			$on += $of->{$_} // 0 for qw(waiting sending unsure);
			$same->("$c->{name}, waiting", $c->{waiting}, $on);
			$same->("$c->{name}, $_", $c->{$_}, $of->{$_} // 0)
			    for qw(held failed conflicts);
			$same->(
				"$c->{name}, its channel", $c->{webhookId} // '',
				$of->{channel} // ''
			);
			my $one = $t->get("/api/connections/$c->{id}", token => $bob)->{json};
			$same->("$c->{name}, data as of", $one->{lastSyncAt}, $c->{lastSyncAt});
			$same->(
				"$c->{name}, what is held of it", $one->{held}{changes} // 0,
				$of->{held} // 0
			);
			my $asks = ($one->{lastError}{code} // '') eq 'needs_approval';
			$same->(
				"$c->{name}, its state",
				$one->{status} eq 'attention' && $asks ? 'asks' : 'does not',
				$of->{held} ? 'asks' : 'does not'
			);
		}
		my $metrics = $t->get('/metrics', token => $operator)->{content};
		my %metric = $metrics =~ /^tidemark_changes\{state="(\w+)"\} (\d+)$/mg;
		$same->("the metrics, $_", $metric{$_}, $n{$_} // 0)
		    for qw(waiting sending unsure held failed);
		my ($conflicts) = $metrics =~ /^tidemark_conflicts (\d+)$/m;
		$same->('the metrics, conflicts', $conflicts, $n{conflicts} // 0);
		diag join "\n", @wrong if @wrong;
		return !@wrong;
	};
	my $good = 0;
	for (1 .. 30) {
		$state->();
		last if !$told->();
		$good++;
	}
	is $good, 30, '30 states of three calendars';
};

done_testing;
