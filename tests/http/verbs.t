# What can be done is done by one function each (lib/app), whichever way one comes: by a form of a
# page, by a call of the interface, by the command. So every way leaves the same row in the audit
# and refuses the same input in the same words. Which verbs there are is read from the headers of
# lib/app, and which ways lead to each from cgi-src: a new one must be entered here.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;
use Tidemark::Lint ();
use Tidemark::Routes;
use Tidemark::Twoway;

my %headers = map { $_ => Tidemark::Lint::slurp($_) }
    grep { !m{/caller\.h$} } Tidemark::Lint::files(qr/\.h$/, 'lib/app');
sub verbs_of {
	my ($text) = @_;
	return $text =~ /^(?:MUST )?enum rc\s+(\w+)\((?=[^;]*const struct caller \*)[^;]*;/gm
}
is_deeply(
	[
		verbs_of(
			      "MUST enum rc a(struct ctx *,\n    const struct caller *, int);\n"
			    . "enum rc b(struct ctx *);\nMUST enum rc\nc(const struct caller *);\n"
		)
	],
	['a', 'c'],
	'verbs are told by their caller'
);
my @verbs = sort map { verbs_of($_) } values %headers;
cmp_ok(scalar @verbs, '>', 30, 'the verbs are found');

# The ways that lead to a verb, by the files that name it.
my %ways;
for my $path (Tidemark::Lint::files(qr/\.c$/, 'cgi-src')) {
	my $way = $path =~ m{/(api|page)_} ? $1 : $path =~ m{/ctl/} ? 'command' : 'other';
	my $text = Tidemark::Lint::bare_c(Tidemark::Lint::slurp($path));
	for my $verb (@verbs) {
		$ways{$verb}{$way} = 1 if $text =~ /\b\Q$verb\E\b/;
	}
}
is_deeply(
	[grep { $ways{$_}{other} } @verbs], [],
	'verbs are called by pages, interface and command alone'
);

my $g = Tidemark::Google->start;
my $t = Tidemark->start(
	env => {
		$g->env, TIDEMARK_DEMO => 1, TIDEMARK_SMTP_URL => 'smtp://127.0.0.1:9',
		TIDEMARK_MAIL_FROM => 'tidemark@example.com'
	}
);
my $src = $t->source;
$src->put('/few.csv', "id,name\n1,Ann\n");
$src->put('/other.csv', "id,name\n1,Ben\n");
my $token = $t->token('admin', 'read,sync,write,operator');
my $cron = 'cron-secret-of-the-tests';
my $nth = 20;
# nginx lets one address sign in once a second.
sub sign_in {
	local $t->{http} =
	    HTTP::Tiny->new(timeout => 30, max_redirect => 0, local_address => '127.0.0.' . ++$nth);
	return $t->sign_in(@_);
}
my %session = (admin => sign_in('admin'));

my %seen;    # rows of the audit that were looked at

#
# Each way: what is asked, and what is answered as [went well, all the words of it].
#
sub words {
	my ($text) = @_;
	return $text =~ s/&lt;/</gr =~ s/&gt;/>/gr =~ s/&quot;/"/gr =~ s/&#39;/'/gr =~ s/&amp;/&/gr;
}
sub answered { my ($r) = @_; return [$r->{status} < 400, words($r->{content} // ''), $r] }
sub form {
	my ($path, %form) = @_;
	my $s = $session{ delete $form{-as} // 'admin' };
	return answered($t->post(
		$path, undef, token => undef, headers => { cookie => $s->{cookie} },
		form => { csrf => $s->{csrf}, %form }
	));
}
sub call {
	my ($method, $path, $body) = @_;
	return answered($t->request($method, $path, $body, token => $token))
}
# By session, for what no token may do.
sub call_as {
	my ($who, $method, $path, $body) = @_;
	my $s = $session{$who};
	return answered($t->request(
		$method, $path, $body, token => undef,
		headers => { cookie => $s->{cookie}, 'x-csrf-token' => $s->{csrf} }
	));
}
sub command { my $r = $t->run('tidemark', @_); return [!$r->{rc}, $r->{out} . $r->{err}, $r] }
sub found {
	my ($got) = @_;
	return ($got->[1] . ($got->[2]{headers}{location} // '')) =~
	    m{/(?:connections|webhooks|syncs)/([\w-]{36})}s
	    ? $1
	    : undef
}

#
# Things to act on: each way has its own, named after it.
#
my %made;
sub conn {
	my ($way, %o) = @_;
	return $t->connect(csv => $src->url('/few.csv'), name => "Few $way", start => false, %o)
	    ->{id};
}
# A profile, and another one.
my %other;
sub profile {
	my ($way) = @_;
	$src->put("/people-$way.csv", "id,email\n1,a-$way\@example.com\n2,b-$way\@example.com\n");
	my $c = $t->connect(csv => $src->url("/people-$way.csv"), start => false);
	$t->sync_and_wait($c->{id});
	my ($one, $two) = map {
		$t->get("/api/profiles?email=$_-$way\@example.com")->{json}{data}[0]{id}
	} 'a', 'b';
	$other{$one} = $two;
	return $one;
}
sub people_set {
	my $c = conn($_[0]);
	$t->sync_and_wait($c);
	return $t->get("/api/connections/$c/datasets")->{json}{data}[0]{id};
}
sub kept { my $id = conn($_[0]); $t->del("/api/connections/$id"); return $id }
sub user {
	my ($way) = @_;
	my $name = 'u' . ++$made{user} . "-$way";
	$t->run('tidemark', 'user', 'add', $name);
	return ($name, $t->sql("SELECT id FROM account WHERE name = '$name'"))
}
my %tea = (
	startDateTime => '2026-10-05', endDateTime => '2026-10-06',
	recurrence => ['RRULE:FREQ=DAILY']
);
sub event { return $t->post('/api/events', { %tea, title => "Tea $_[0]" })->{json}{event}{id} }
sub conflict {
	my ($way) = @_;
	return conflict_of(
		$t, twin_of($t, event($way), conn($way)),
		[{ field => 'title', local => 'Tea', remote => 'Cocoa' }]
	)
}
# The fields of its form.
my %tea_form = (
	allDay => 1, startDate => '2026-10-05', startTime => '09:00', endDate => '2026-10-05',
	endTime => '10:00', zone => 'UTC', repeat => 'day', every => 1, days => 'MO',
	by => 'date', ends => 'never', lines => 'RRULE:FREQ=DAILY', status => 'confirmed',
	busy => 1, startWas => '2026-10-05', rev => 1
);
sub admin_id { return $t->sql("SELECT id FROM account WHERE name = 'admin'") }
sub hook {
	return $t->post(
		'/api/webhooks',
		{ url => $src->url('/hook'), events => ['sync.completed'] }
	)->{json}{id}
}
# Notion has introduced itself.
sub subscription {
	my $said = 'secret_' . ++$made{subscription};
	my $r = $t->request(
		POST => '/api/webhooks/notion', { verification_token => $said }, token => undef
	);
	die "not taken: $r->{status} $r->{content}" if $r->{status} != 204;
	return $t->get('/api/subscriptions', token => $token)->{json}{data}[-1]{id}
}
sub token_row {
	return $t->post('/api/tokens', { name => 'a program', scopes => ['read'] }, token => $token)
	    ->{json}{id}
}
sub login {
	return $g->consent($t, $session{admin})
	    && $t->get('/api/accounts', token => $token)->{json}{data}[0]{id}
}
my %calendars;
sub calendar {
	my ($id) = @_;
	return $calendars{$id} //= do {
		$g->consent(
			$t, $session{admin},
			path => '/api/auth/google/start?for=google-calendar'
		);
		my ($account) = grep { $_->{kind} eq 'oauth' }
		    @{ $t->get('/api/accounts', token => $token)->{json}{data} };
		$t->connect(
			'google-calendar', undef, name => $id, start => false,
			accountId => $account->{id}, config => { calendar => $id }
		)->{id}
	}
}
# A run that waits for an answer.
sub question {
	my ($way) = @_;
	my $path = '/many' . ++$made{question} . '.csv';
	$src->put($path, "id\n" . join '', map { "$_\n" } 1 .. 100);
	my $m = $t->connect(csv => $src->url($path), name => "Many $way");
	$t->wait_run($m->{activeSyncId});
	$src->put($path, "id\n1\n");
	return ($m->{id}, $t->sync_and_wait($m->{id})->{syncId});
}
# A run that has changed something, and one that has not.
sub changed {
	my ($way) = @_;
	my $c = $t->connect(csv => $src->url('/few.csv'), name => "Changed $way");
	return $t->wait_run($c->{activeSyncId})->{syncId};
}
my $unchanged;
sub unchanged {
	return $unchanged //= do {
		my $c = $t->connect(csv => $src->url('/few.csv'), name => 'Unchanged');
		$t->wait_run($c->{activeSyncId});
		my $run = $t->sync_and_wait($c->{id})->{syncId};
		$seen{ $_->{id} }++ for rows($t, 'SELECT id FROM audit');
		$run
	}
}
# A record of its own, of a connection of its own: runs that undo come one after the other.
my $dataset;
sub record {
	my ($way) = @_;
	my $c = $t->connect(csv => $src->url('/few.csv'), name => "Record $way");
	$t->wait_run($c->{activeSyncId});
	$dataset = $t->get("/api/connections/$c->{id}/datasets", token => $token)
	    ->{json}{data}[0]{id};
	return 1;
}
# Somebody with a session of their own.
sub person {
	my ($way) = @_;
	my $name = 'p' . ++$made{person} . "-$way";
	$session{$name} = sign_in($name);
	return ($name, $t->sql("SELECT id FROM account WHERE name = '$name'"));
}
# One whose invitation was opened just now.
sub invited {
	my ($name, $id) = person($_[0]);
	$t->sql("UPDATE web_session SET password_until = 9000000000000000 WHERE owner = '$id'");
	return ($name, $id);
}
my $key =
    $g->control({ service_account => 'robot@example.iam.gserviceaccount.com' })->{service_account};
my $key_text = JSON::PP->new->encode($key);
my $csv = { provider => 'csv', config => { url => $src->url('/few.csv') } };

#
# The table. thing: what is acted on, made anew for each way: a list whose last element is the
# object that the audit names, unless `object` says otherwise (undef: that which was made). Each
# way gets the list. audit: [action, detail], the way's own name taken out; none: what leaves no
# row, and why. wrong: the words of a refusal, and how to meet it each way.
#
my $days_from_one = 'The life of a token is from 1 to 3650 days.';
my $few = 'Few WAY';
my $mode =
      'The mode is refetch (read everything again, data stays readable), ask (the same, '
    . 'and ask again about what was kept) or clear (drop the data first).';
my %table = (
	conn_create => {
		audit => ['connected', $few], object => undef,
		page => sub {
			form(
				'/settings/add', do => 'connect', provider => 'csv',
				name => "Few $_[0]", f_url => $src->url('/few.csv')
			)
		},
		api => sub { call(POST => '/api/connections', { %$csv, name => "Few $_[0]" }) },
		wrong => {
			'A name has 1 to 200 characters.' => {
				page => sub {
					form(
						'/settings/add', do => 'connect', provider => 'csv',
						name => 'x' x 201, f_url => $src->url('/few.csv')
					)
				},
				api => sub {
					call(
						POST => '/api/connections',
						{ %$csv, name => 'x' x 201 }
					)
				},
			},
			'This is needed.' => {
				page => sub {
					form('/settings/add', do => 'connect', provider => 'csv')
				},
				api => sub {
					call(
						POST => '/api/connections',
						{ provider => 'csv', config => {} }
					)
				},
			},
		},
	},
	conn_change => {
		thing => sub { conn($_[0]) }, audit => ['source changed', 'Other WAY'],
		page => sub {
			form(
				"/connections/$_[1]", do => 'edit', name => "Other $_[0]",
				f_url => $src->url('/other.csv')
			)
		},
		api => sub {
			call(
				PATCH => "/api/connections/$_[1]",
				{
					name => "Other $_[0]",
					config => { url => $src->url('/other.csv') }
				}
			)
		},
		wrong => {
			'A name has 1 to 200 characters.' => {
				page => sub {
					form(
						"/connections/$_[1]", do => 'edit', name => ' ',
						f_url => $src->url('/few.csv')
					)
				},
				api =>
				    sub { call(PATCH => "/api/connections/$_[1]", { name => ' ' }) }
				,
			},
		},
	},
	conn_schedule => {
		thing => sub { conn($_[0]) },
		audit => ['schedule changed', qr/^\{"enabled": ?true, ?"frequency": ?"daily"\}$/],
		page => sub {
			form(
				"/connections/$_[1]", do => 'schedule', enabled => 'on',
				frequency => 'daily'
			)
		},
		api => sub {
			call(
				PUT => "/api/connections/$_[1]/schedule",
				{ enabled => true, frequency => 'daily' }
			)
		},
		wrong => {
			qr/The rule could not be read|is no (?:recurrence )?rule|FREQ/i => {
				page => sub {
					form(
						"/connections/$_[1]", do => 'schedule',
						enabled => 'on', frequency => 'rule',
						rrule => 'FREQ=NEVER', ruleZone => 'UTC'
					)
				},
				api => sub {
					call(
						PUT => "/api/connections/$_[1]/schedule",
						{ rrule => 'FREQ=NEVER', timeZone => 'UTC' }
					)
				},
			},
		},
	},
	events_add => {
		audit => ['event made', 'Tea WAY'], object => undef,
		page => sub { form('/calendar/new', %tea_form, title => "Tea $_[0]") },
		api => sub { call(POST => '/api/events', { %tea, title => "Tea $_[0]" }) },
		wrong => {
			'Give the event a title.' => {
				page => sub { form('/calendar/new', %tea_form, title => '') },
				api => sub { call(POST => '/api/events', { %tea, title => '' }) }
			},
		},
	},
	events_change => {
		thing => sub { event($_[0]) }, audit => ['event changed', 'Coffee WAY'],
		page => sub { form("/events/$_[1]/edit", %tea_form, title => "Coffee $_[0]") },
		api => sub { call(PUT => "/api/events/$_[1]", { title => "Coffee $_[0]" }) },
		wrong => {
			'This is true or false.' => {
				api => sub { call(PUT => "/api/events?id=$_[1]", { busy => 1 }) }
			},
		},
	},
	events_remove => {
		thing => sub { event($_[0]) }, audit => ['event deleted', 'Tea WAY'],
		page => sub { form("/events/$_[1]", do => 'remove', sure => 1) },
		api => sub { call(DELETE => "/api/events/$_[1]") },
	},
	events_restore => {
		thing => sub { my $id = event($_[0]); $t->del("/api/events/$id"); $id },
		audit => ['event restored', 'Tea WAY'],
		page => sub { form("/events/$_[1]", do => 'restore') },
		api => sub { call(POST => "/api/events/$_[1]/restore") },
	},
	events_change_one => {
		thing => sub { event($_[0]) }, audit => ['event changed', 'Tea WAY'],
		page => sub {
			form(
				"/events/$_[1]/edit", %tea_form, at => '20261006', scope => 'one',
				startDate => '2026-10-06', endDate => '2026-10-06',
				title => 'Coffee'
			)
		},
		api => sub {
			call(
				PUT => "/api/events/$_[1]/occurrences/2026-10-06",
				{ title => 'Coffee' }
			)
		},
		wrong => {
			'The event has no occurrence there. Name it by its start as planned.' => {
				api => sub {
					call(
						PUT => "/api/events/$_[1]/occurrences/2026-10-04",
						{ title => 'Coffee' }
					)
				}
			},
		},
	},
	undo_sync => {
		thing => sub { changed($_[0]) }, audit => ['undo started', qr/^[\w-]{36}$/],
		page => sub { form("/syncs/$_[1]/undo") },
		api => sub { call(POST => "/api/sync/$_[1]/undo") },
		command => sub { command('undo', $_[1]) },
		wrong => {
			qr/This sync has changed nothing here that could be taken back/ => {
				page => sub { form('/syncs/' . unchanged() . '/undo') },
				api => sub { call(POST => '/api/sync/' . unchanged() . '/undo') },
				command => sub { command('undo', unchanged()) },
			},
		},
	},
	conn_exit => {
		thing => sub { conn($_[0]) }, audit => ['clean exit started', $few],
		page => sub { form("/connections/$_[1]", do => 'remove', remote => 'clean') },
		api => sub { call(DELETE => "/api/connections/$_[1]?remote=clean") },
	},
	undo_one_record => {
		thing => sub { record($_[0]) }, audit => ['undo started', qr/^[\w-]{36}$/],
		page => sub { form("/datasets/$dataset/records/$_[1]", do => 'undo', sure => 1) },
		api => sub { call(POST => "/api/datasets/$dataset/records/$_[1]/undo") },
	},
	undo_one_event => {
		# By a run, where a calendar has it already.
		thing => sub { event($_[0]) },
		audit => ['undo started', qr/^(?:at once|[0-9a-f-]{36})$/],
		page => sub { form("/events/$_[1]", do => 'undo', sure => 1) },
		api => sub { call(POST => "/api/events/$_[1]/undo") },
	},
	conflicts_answer => {
		thing => sub { conflict($_[0]) }, audit => ['conflict answered', 'remote'],
		page => sub { form("/conflicts/$_[1]", do => 'remote') },
		api => sub { call(POST => "/api/conflicts/$_[1]", { choice => 'remote' }) },
		wrong => {
			'The choice is one of local, remote and merge.' => {
				page => sub { form("/conflicts/$_[1]", do => 'both') },
				api => sub {
					call(POST => "/api/conflicts/$_[1]", { choice => 'both' })
				}
			},
		},
	},
	calendar_watch => {
		thing => sub { calendar('primary') }, audit => ['channel asked for', 'primary'],
		api => sub {
			call(PUT => '/api/calendar/webhooks/google', { integrationId => $_[1] })
		},
		wrong => {
			'The connection is paused: resume it first.' => {
				api => sub {
					my $id = calendar("team\@group.calendar.google.com");
					$t->post("/api/connections/$id/pause");
					$seen{ $_->{id} }++ for rows($t, 'SELECT id FROM audit');
					call(
						PUT => '/api/calendar/webhooks/google',
						{ integrationId => $id }
					)
				}
			},
		},
	},
	calendar_unwatch => {
		thing => sub { calendar('holidays') }, audit => ['channel stopped', 'holidays'],
		api => sub { call(DELETE => "/api/calendar/webhooks/google?integrationId=$_[1]") },
	},
	outbox_process => {
		thing => sub { item_of($t, twin_of($t, event($_[0]), conn($_[0]))) },
		audit => ['queue processed', ''],
		page => sub { form('/calendar/queue', id => $_[1]) },
		api => sub { call(POST => "/api/calendar/sync/queue?id=$_[1]") },
	},
	outbox_forget => {
		thing => sub { '' }, audit => ['queue cleared', '0 items'],
		api => sub { call(DELETE => '/api/calendar/sync/queue?olderThan=3650') },
		wrong => {
			'This is a number of days, from 0 to 3650.' => {
				api => sub {
					call(DELETE => '/api/calendar/sync/queue?olderThan=-1')
				}
			},
		},
	},
	events_remove_one => {
		thing => sub { event($_[0]) }, audit => ['event changed', 'Tea WAY'],
		page => sub {
			form(
				"/events/$_[1]", do => 'remove', sure => 1, at => '20261006',
				scope => 'one'
			)
		},
		api => sub { call(DELETE => "/api/events/$_[1]/occurrences/2026-10-06") },
	},
	conn_pause => {
		thing => sub { conn($_[0]) }, audit => ['paused', ''],
		page => sub { form("/connections/$_[1]", do => 'pause') },
		api => sub { call(POST => "/api/connections/$_[1]/pause") },
	},
	conn_resume => {
		thing => sub { my $id = conn($_[0]); $t->post("/api/connections/$id/pause"); $id },
		audit => ['resumed', ''],
		page => sub { form("/connections/$_[1]", do => 'resume') },
		api => sub { call(POST => "/api/connections/$_[1]/resume") },
	},
	conn_reset => {
		thing => sub { conn($_[0]) }, audit => ['cleared', ''],
		page => sub { form("/connections/$_[1]", do => 'clear') },
		api => sub { call(POST => "/api/connections/$_[1]/reset", { mode => 'clear' }) },
		wrong => {
			$mode => {
				api => sub {
					call(
						POST => "/api/connections/$_[1]/reset",
						{ mode => 'all' }
					)
				}
			}
		},
	},
	conn_disconnect => {
		thing => sub { conn($_[0]) }, audit => ['disconnected, data deleted', $few],
		page => sub { form("/connections/$_[1]", do => 'remove', data => 'delete') },
		api => sub { call(DELETE => "/api/connections/$_[1]?data=delete") },
	},
	remains_delete => {
		thing => sub { kept($_[0]) }, audit => ['kept data deleted', $few],
		page => sub { form("/kept/$_[1]", do => 'delete') },
		api => sub { call(DELETE => "/api/kept/$_[1]") },
	},
	profile_link => {
		thing => sub { profile($_[0]) }, audit => ['profiles joined', ''],
		page => sub { form("/profiles/$_[1]", do => 'same', with => $other{ $_[1] }) },
		api => sub {
			call(
				POST => "/api/profiles/$_[1]/link",
				{ with => $other{ $_[1] }, same => true }
			)
		},
		wrong => {
			'There is no such profile or source.' => {
				page =>
				    sub { form("/profiles/$_[1]", do => 'same', with => 'none') },
				api => sub {
					call(
						POST => "/api/profiles/$_[1]/link",
						{ with => 'none', same => true }
					)
				},
			},
		},
	},
	profiles_order_set => {
		audit => ['sources of profiles ordered', ''], object => undef,
		api => sub { call(PUT => '/api/profiles/order', { order => [] }) },
		wrong => {
			'There is no such connection.' => {
				api => sub {
					call(PUT => '/api/profiles/order', { order => ['none'] })
				}
			}
		},
	},
	profile_columns_set => {
		thing => sub { people_set($_[0]) }, audit => ['columns of people chosen', ''],
		api => sub { call(PATCH => "/api/datasets/$_[1]", { people => undef }) },
		wrong => {
			'This is needed.' =>
			    { api => sub { call(PATCH => "/api/datasets/$_[1]", {}) } }
		},
	},
	remains_reconnect => {
		thing => sub { kept($_[0]) }, audit => ['connected again', $few],
		page => sub { form("/kept/$_[1]", do => 'reconnect') },
		api => sub { call(POST => "/api/kept/$_[1]/reconnect", {}) },
		wrong => {
			'This is needed.' => {
				api => sub {
					call(
						POST => "/api/kept/$_[1]/reconnect",
						{ config => {} }
					)
				}
			}
		},
	},
	conn_ask => {
		thing => sub { conn($_[0]) }, none => 'nothing is changed',
		page =>
		    sub { form("/connections/$_[1]", do => 'look', f_url => $src->url('/few.csv')) }
		,
		api => sub { call(POST => "/api/connections/$_[1]/test", {}) },
		wrong => {
			'This is needed.' => {
				page => sub { form("/connections/$_[1]", do => 'look') },
				api => sub {
					call(
						POST => "/api/connections/$_[1]/test",
						{ config => { url => undef } }
					)
				},
			},
		},
	},
	source_ask => {
		none => 'nothing is changed',
		page => sub {
			form(
				'/settings/add', do => 'test', provider => 'csv',
				f_url => $src->url('/few.csv')
			)
		},
		api => sub { call(POST => '/api/test', $csv) },
		wrong => {
			'This is needed.' => {
				page =>
				    sub { form('/settings/add', do => 'test', provider => 'csv') },
				api => sub {
					call(
						POST => '/api/test',
						{ provider => 'csv', config => {} }
					)
				},
			},
		},
	},
	source_list => {
		thing => sub { login() }, none => 'nothing is changed',
		page => sub {
			form(
				'/settings/add', do => 'sources', provider => 'google-sheets',
				account => $_[1]
			)
		},
		wrong => {
			'There is no such account.' => {
				page => sub {
					form(
						'/settings/add', do => 'sources',
						provider => 'google-sheets', account => 'x'
					)
				}
			}
		},
	},
	syncs_start => {
		thing => sub { conn($_[0]) }, audit => ['sync started', sub { $_[1] }],
		object => undef,
		page => sub { form("/connections/$_[1]", do => 'sync') },
		api => sub { call(POST => '/api/sync', { connectionId => $_[1] }) },
		command => sub { command('sync', $_[1]) },
	},
	syncs_cancel => {
		# One that is slow enough to be met.
		thing => sub {
			$src->put('/slow.csv', "id\n1\n", delay => 3);
			my $c = $t->connect(csv => $src->url('/slow.csv'), name => "Few $_[0]");
			($c->{id}, $c->{activeSyncId});
		},
		audit => ['sync cancelled', sub { $_[1] }],
		page => sub { form("/syncs/$_[2]", do => 'cancel') },
		api => sub { call(POST => "/api/sync/$_[2]/cancel") },
	},
	syncs_answer => {
		thing => sub { question($_[0]) },
		audit => ['answered the question of a sync', 'keep'], object => sub { $_[1] },
		page => sub { form("/syncs/$_[2]", do => 'keep') },
		api => sub { call(POST => "/api/sync/$_[2]/reject", {}) },
	},
	syncs_due => {
		none => 'this is the schedule at work',
		api => sub {
			answered($t->post(
				'/api/connectors/sync', { waitSeconds => 0 },
				token => $cron
			))
		},
	},
	hooks_add => {
		audit => ['webhook made', 'https://example.com/hook'], object => undef,
		page => sub {
			form(
				'/settings/webhooks', url => 'https://example.com/hook',
				event => 'sync.completed'
			)
		},
		api => sub {
			call(
				POST => '/api/webhooks',
				{ url => 'https://example.com/hook', events => ['sync.completed'] }
			)
		},
		wrong => {
			'Give the address that messages are sent to.' => {
				page =>
				    sub { form('/settings/webhooks', event => 'sync.completed') },
				api => sub {
					call(
						POST => '/api/webhooks',
						{ events => ['sync.completed'] }
					)
				},
			},
			'Choose at least one event, and only such that there are.' => {
				page => sub {
					form('/settings/webhooks', url => 'https://example.com/')
				},
				api => sub {
					call(
						POST => '/api/webhooks',
						{ url => 'https://example.com/' }
					)
				},
			},
		},
	},
	hooks_change => {
		thing => sub { hook() }, audit => ['webhook changed', 'https://example.com/other'],
		page => sub {
			form(
				"/webhooks/$_[1]", do => 'edit', url => 'https://example.com/other',
				event => 'sync.failed'
			)
		},
		api => sub {
			call(
				PATCH => "/api/webhooks/$_[1]",
				{ url => 'https://example.com/other', events => ['sync.failed'] }
			)
		},
		wrong => {
			'One line of at most 200 characters.' => {
				page => sub {
					form(
						"/webhooks/$_[1]", do => 'edit',
						url => 'https://example.com/',
						event => 'sync.failed', description => 'x' x 201
					)
				},
				api => sub {
					call(
						PATCH => "/api/webhooks/$_[1]",
						{ description => 'x' x 201 }
					)
				},
			},
		},
	},
	hooks_remove => {
		thing => sub { hook() }, audit => ['webhook removed', ''],
		page => sub { form("/webhooks/$_[1]", do => 'remove', sure => 1) },
		api => sub { call(DELETE => "/api/webhooks/$_[1]") },
	},
	hooks_rotate => {
		thing => sub { hook() }, audit => ['webhook secret rotated', ''],
		page => sub { form("/webhooks/$_[1]", do => 'rotate') },
		api => sub { call(POST => "/api/webhooks/$_[1]/rotate") },
	},
	hooks_test => {
		thing => sub { hook() }, audit => ['webhook tested', sub { $src->url('/hook') }],
		page => sub { form("/webhooks/$_[1]", do => 'test') },
		api => sub { call(POST => "/api/webhooks/$_[1]/test") },
		wrong => {
			'This webhook is switched off; switch it on first.' => {
				page => sub {
					$t->patch("/api/webhooks/$_[1]", { enabled => false });
					form("/webhooks/$_[1]", do => 'test')
				},
				api => sub {
					$t->patch("/api/webhooks/$_[1]", { enabled => false });
					call(POST => "/api/webhooks/$_[1]/test")
				},
			},
		},
	},
	hooks_again => {
		thing => sub {
			my $h = hook();
			my $d = $t->post("/api/webhooks/$h/test")->{json};
			($d->{id}, $d->{messageId}, $h)
		},
		audit => ['webhook message sent again', sub { $_[2] }],
		page => sub { form("/webhooks/$_[3]", do => 'again', delivery => $_[1]) },
		api => sub { call(POST => "/api/webhooks/$_[3]/deliveries/$_[1]/redeliver") },
	},
	tokens_make => {
		audit => ['token made', 'a program (read,sync)'], object => undef,
		page => sub {
			form(
				'/settings/tokens', do => 'make', name => 'a program', read => 1,
				sync => 1
			)
		},
		api => sub {
			call(
				POST => '/api/tokens',
				{ name => 'a program', scopes => ['read', 'sync'] }
			)
		},
		command => sub {
			command(
				'token', 'create', '--user', 'admin', '--name', 'a program',
				'--scopes', 'read,sync'
			)
		},
		wrong => {
			'The scopes are one or more of read, sync, write and operator.' => {
				page => sub {
					form('/settings/tokens', do => 'make', name => 'a program')
				},
				api => sub {
					call(
						POST => '/api/tokens',
						{ name => 'a program', scopes => ['everything'] }
					)
				},
				command => sub {
					command(
						'token', 'create', '--user', 'admin', '--scopes',
						'everything'
					)
				},
			},
			"A token's name has 1 to 100 characters, in one line." => {
				page => sub {
					form(
						'/settings/tokens', do => 'make', name => ' ',
						read => 1
					)
				},
				api => sub { call(POST => '/api/tokens', { scopes => ['read'] }) },
				command => sub {
					command(
						'token', 'create', '--user', 'admin', '--name',
						'x' x 101, '--scopes', 'read'
					)
				},
			},
			$days_from_one => {
				page => sub {
					form(
						'/settings/tokens', do => 'make',
						name => 'a program',
						read => 1, days => 3651
					)
				},
				api => sub {
					call(
						POST => '/api/tokens',
						{
							name => 'a program', scopes => ['read'],
							days => 3651
						}
					)
				},
				command => sub {
					command(
						'token', 'create', '--user', 'admin', '--scopes',
						'read', '--days', 3651
					)
				},
			},
		},
	},
	tokens_rotate => {
		thing => sub { token_row() },
		audit => ['token rotated', 'a program, the old one ends in 24 hours'],
		object => undef,
		page => sub { form('/settings/tokens', do => 'rotate', id => $_[1]) },
		api => sub { call(POST => "/api/tokens/$_[1]/rotate", {}) },
	},
	tokens_revoke => {
		thing => sub { token_row() }, audit => ['token revoked', ''],
		page => sub { form('/settings/tokens', do => 'revoke', sure => 1, id => $_[1]) },
		api => sub { call(DELETE => "/api/tokens/$_[1]") },
		command => sub { command('token', 'revoke', $_[1]) },
	},
	tokens_progress => {
		thing => sub { conn($_[0]) }, none => 'a host page asks for one with every visit',
		api => sub { call(POST => "/api/connections/$_[1]/progress-token", {}) },
		wrong => {
			'A progress token lives from 1 to 1440 minutes.' => {
				api => sub {
					call(
						POST => "/api/connections/$_[1]/progress-token",
						{ minutes => 0 }
					)
				}
			},
		},
	},
	people_add => {
		audit => ['user added', 'new-WAY, member'], object => undef,
		page => sub { form('/settings/users', do => 'add', name => "new-$_[0]") },
		more => { page => ['sign-in link made'] },
		api => sub { call(POST => '/api/users', { name => "new-$_[0]" }) },
		command => sub { command('user', 'add', "new-$_[0]") },
		wrong => {
			'A user name has 1 to 64 characters and no spaces.' => {
				page => sub {
					form('/settings/users', do => 'add', name => 'two words')
				},
				api => sub { call(POST => '/api/users', { name => 'two words' }) },
				command => sub { command('user', 'add', 'two words') },
			},
			'There is a user "admin" already.' => {
				page =>
				    sub { form('/settings/users', do => 'add', name => 'admin') },
				api => sub { call(POST => '/api/users', { name => 'admin' }) },
				command => sub { command('user', 'add', 'admin') },
			},
		},
	},
	people_remove => {
		thing => sub { user($_[0]) }, audit => ['user removed', qr/^u\d+-\w+$/],
		page => sub { form('/settings/users', do => 'remove', sure => 1, id => $_[2]) },
		api => sub { call(DELETE => "/api/users/$_[2]") },
		command => sub { command('user', 'remove', $_[1], '--yes') },
		wrong => {
			'This is your own account; another operator can remove it.' => {
				page => sub {
					form(
						'/settings/users',
						do => 'remove', sure => 1, id => admin_id()
					)
				},
				api => sub { call(DELETE => '/api/users/' . admin_id()) },
			},
		},
	},
	people_change => {
		thing => sub { user($_[0]) }, audit => ['user disabled', ''],
		page => sub { form('/settings/users', do => 'disable', sure => 1, id => $_[2]) },
		api => sub { call(PATCH => "/api/users/$_[2]", { disabled => true }) },
		command => sub { command('user', 'disable', $_[1]) },
		wrong => {
			qr/no (?:enabled )?operator|last operator|operator.*left/ => {
				page => sub {
					form(
						'/settings/users',
						do => 'disable', sure => 1,
						id => $t->sql(
							      "SELECT id FROM account "
							    . "WHERE name = 'admin'"
						)
					)
				},
				api => sub {
					call(
						PATCH => '/api/users/'
						    . $t->sql(
							      "SELECT id FROM account "
							    . "WHERE name = 'admin'"
						    ),
						{ disabled => true }
					)
				},
				command => sub { command('user', 'disable', 'admin') },
			},
		},
	},
	people_link => {
		thing => sub { user($_[0]) }, audit => ['sign-in link made', ''],
		command => sub { command('user', 'link', $_[1]) },
	},
	map({
			my ($verb, $word, @audit) = @$_;
			$verb => {
				thing => sub { user($_[0]) }, audit => \@audit,
				page => sub {
					my %form = (do => $word, sure => 1, id => $_[2]);
					form('/settings/users', %form)
				},
				api => sub { call(POST => "/api/users/$_[2]/$word") },
				command => sub { command('user', $word, $_[1]) },
				wrong => {
					'This user is disabled; enable the account first.' => {
						page => sub {
							$t->run(
								'tidemark', 'user', 'disable',
								$_[1]
							);
							form(
								'/settings/users', id => $_[2],
								do => $word, sure => 1
							)
						},
						api => sub {
							$t->run(
								'tidemark', 'user', 'disable',
								$_[1]
							);
							call(POST => "/api/users/$_[2]/$word")
						},
						command => sub {
							$t->run(
								'tidemark', 'user', 'disable',
								$_[1]
							);
							command('user', $word, $_[1])
						},
					},
				},
			};
		} ['people_invite', 'invite', 'sign-in link made', 'leads to choosing a password'],
		['people_reset', 'reset', 'password reset, sessions and tokens ended', '']),
	account_password => {
		thing => sub { invited($_[0]) },
		audit => ['password set, other sessions ended', ''],
		page => sub {
			form(
				'/settings/account', -as => $_[1], do => 'password',
				password => 'a horse of stables', again => 'a horse of stables'
			)
		},
		api => sub {
			call_as(
				$_[1], POST => '/api/account/password',
				{ password => 'a horse of stables' }
			)
		},
		wrong => {
			qr/at least 10 characters/ => {
				page => sub {
					form(
						'/settings/account', -as => $_[1], do => 'password',
						password => 'short', again => 'short'
					)
				},
				api => sub {
					call_as(
						$_[1], POST => '/api/account/password',
						{ password => 'short' }
					)
				},
			},
		},
	},
	account_end_sessions => {
		thing => sub { person($_[0]) }, audit => ['other sessions ended', ''],
		page => sub { form('/settings/account', -as => $_[1], do => 'end-others') },
		api => sub { call_as($_[1], DELETE => '/api/sessions') },
	},
	account_notices => {
		thing => sub { person($_[0]) }, audit => ['e-mail notices off', ''],
		page => sub { form('/settings/account', -as => $_[1], do => 'notices') },
		api => sub { call_as($_[1], PATCH => '/api/account', { mailNotices => false }) },
	},
	account_email => {
		thing => sub { invited($_[0]) },
		audit => ['e-mail address asked to confirm', 'ann@example.com'],
		page => sub {
			form(
				'/settings/account', -as => $_[1], do => 'email',
				email => 'ann@example.com'
			)
		},
		api =>
		    sub { call_as($_[1], PATCH => '/api/account', { email => 'ann@example.com' }) },
		wrong => {
			'This is not an e-mail address.' => {
				page => sub {
					form(
						'/settings/account', -as => $_[1], do => 'email',
						email => 'ann'
					)
				},
				api => sub {
					call_as($_[1], PATCH => '/api/account', { email => 'ann' })
				},
			},
		},
	},
	contacts_set => {
		audit => ['contacts sync set', 'every 6 hours'], object => sub { '' },
		api => sub {
			call(
				PUT => '/api/auto-sync/config',
				{ enabled => true, interval_hours => 6 }
			)
		},
		page => sub { form('/settings/contacts', enabled => 'on', interval_hours => 6) },
		wrong => {
			qr/Give a whole number from 1 to 720/ => {
				api => sub {
					call(
						PUT => '/api/auto-sync/config',
						{ interval_hours => 0 }
					)
				}
			}
		},
	},
	logins_start => {
		none => 'nothing is changed yet',
		api => sub {
			answered($t->get(
				'/api/auth/google/start', token => undef,
				headers => { cookie => $session{admin}{cookie} }
			))
		},
	},
	logins_back => {
		audit => [qr/^account connected(?: again)?$/, 'ann@example.com'], object => undef,
		api => sub { answered($g->consent($t, $session{admin})) },
	},
	logins_service => {
		audit => ['service account connected', 'robot@example.iam.gserviceaccount.com'],
		object => undef,
		page => sub { form('/settings/accounts', do => 'service', key => $key_text) },
		api => sub { call(POST => '/api/accounts', { key => $key }) },
		wrong => {
			'Paste the JSON key of the service account.' => {
				page =>
				    sub { form('/settings/accounts', do => 'service', key => '') },
				api => sub { call(POST => '/api/accounts', {}) },
			},
		},
	},
	subscriptions_confirm => {
		thing => sub { subscription() },
		audit => ['subscription confirmed', 'notion'],
		page => sub { form('/settings/accounts', do => 'confirm', id => $_[1]) },
		api => sub { call(POST => "/api/subscriptions/$_[1]/confirm") },
		wrong => {
			'There is no such subscription.' => {
				page =>
				    sub { form('/settings/accounts', do => 'confirm', id => 'x') },
				api => sub { call(POST => '/api/subscriptions/x/confirm') },
			},
		},
	},
	subscriptions_drop => {
		thing => sub { subscription() },
		audit => ['subscription removed', 'notion'],
		page => sub { form('/settings/accounts', do => 'forget', id => $_[1]) },
		api => sub { call(DELETE => "/api/subscriptions/$_[1]") },
		wrong => {
			'There is no such subscription.' => {
				page =>
				    sub { form('/settings/accounts', do => 'forget', id => 'x') },
				api => sub { call(DELETE => '/api/subscriptions/x') },
			},
		},
	},
	logins_remove => {
		thing => sub { login() },
		audit => ['account disconnected', qr/^(?:ann\@example\.com|robot\@.*)$/],
		page => sub { form('/settings/accounts', do => 'remove', sure => 1, id => $_[1]) },
		api => sub { call(DELETE => "/api/accounts/$_[1]") },
	},
);

is_deeply([sort keys %table], \@verbs, 'every verb is here, and nothing else');
is_deeply(
	{
		map {
			my $v = $_;
			$v => [grep { $table{$v}{$_} } qw(api command page)]
		} keys %table
	},
	{ map { $_ => [sort keys %{ $ways{$_} }] } keys %table },
	'each by every way that leads to it'
);

# New rows since; the way's own name taken out of them.
sub news {
	my ($way) = @_;
	my @new = grep { !$seen{ $_->{id} }++ }
	    rows($t, 'SELECT id, owner, actor, action, object, detail FROM audit ORDER BY rowid');
	$_->{detail} =~ s/\b$way\b/WAY/g for @new;
	return @new;
}
sub is_said {
	my ($got, $want, $what, @args) = @_;
	$want = $want->(@args) if ref $want eq 'CODE';
	return ref $want ? like($got, $want, $what) : is($got, $want, $what)
}

for my $verb (@verbs) {
	my $row = $table{$verb} or next;
	subtest $verb => sub {
		my %told;
		for my $way (grep { $row->{$_} } qw(page api command)) {
			my @thing = $row->{thing} ? $row->{thing}->($way) : ();
			news($way);
			my $got = $row->{$way}->($way, @thing);
			ok($got->[0], "$way: done") or diag substr $got->[1], 0, 2000;
			my @new = news($way);
			is_deeply(
				[map { $_->{action} } @new[1 .. $#new]],
				$row->{more}{$way} // [], "$way: and no row more"
			) or diag explain \@new;
			if ($row->{none}) {
				is(scalar @new, 0, "$way: no row, for $row->{none}")
				    or diag explain \@new;
				next;
			}
			my $first = $new[0] // {};
			is_said($first->{action}, $row->{audit}[0], "$way: the action");
			is_said(
				$first->{detail}, $row->{audit}[1], "$way: the detail", $way,
				@thing
			);
			my $object =
			    exists $row->{object}
			    ? $row->{object} && $row->{object}->($way, @thing)
			    : $thing[-1];
			$object = $thing[-1] if $verb =~ /^account_(?!end)/;
			is($first->{object}, $object, "$way: the object") if defined $object;
			like($first->{object}, qr/^[\w-]{36}$/, "$way: the object is what was made")
			    if !defined $object;
			$told{$way} = [@$first{qw(actor)}];
		}
		my %actor = (
			page => 'session', api => qr/^(?:token command line|session)$/,
			command => 'command'
		);
		is_said($told{$_}[0], $actor{$_}, "$_: who did it") for sort keys %told;
		for my $words (sort keys %{ $row->{wrong} // {} }) {
			my $ways = $row->{wrong}{$words};
			for my $way (sort keys %$ways) {
				my @thing = $row->{thing} ? $row->{thing}->("no$way") : ();
				news($way);
				my $got = $ways->{$way}->($way, @thing);
				ok(!$got->[0], "$way: refused, \"$words\"");
				my $told = $got->[1] =~ s/\\"/"/gr;
				ok(
					$told =~
					    ($words =~ /^\(\?\^/ ? qr/$words/ : qr/\Q$words\E/),
					"$way: in these words"
				) or diag $got->[1] =~ s/.*<main//sr;
				is_deeply(
					[
						grep { !/^(?:user|webhook) (?:disabled|off)$/ }
						map { $_->{action} } news($way)
					],
					[],
					"$way: and not audited"
				);
			}
		}
	};
}

subtest 'a connection is doing one thing on every screen' => sub {
	my %is = (
		active => ['ann', 'Active'], manual => ['ben', 'Manual'],
		attention => ['cyd', 'Needs attention']
	);
	for my $word (sort keys %is) {
		my ($who, $text) = @{ $is{$word} };
		$session{$who} = sign_in($who);
		my @as = (token => "$who:read,sync,write");
		my $c = $t->connect(
			csv => $src->url($word eq 'attention' ? '/none.csv' : '/few.csv'),
			name => "Few $who", @as
		);
		$t->wait_run($c->{activeSyncId}, 30, @as);
		$t->post("/api/connections/$c->{id}/pause", undef, @as) if $word eq 'manual';
		my $api = $t->get("/api/connections/$c->{id}", @as)->{json};
		is($api->{status}, $word, "$word: the interface");
		is($api->{badge}{text}, $text, "$word: its badge");
		like(
			$t->get(
				"/connections/$c->{id}", token => undef,
				headers => { cookie => $session{$who}{cookie} }
			)->{content},
			qr/>\Q$text\E</,
			"$word: the page"
		);
		my ($line) = grep { $_->{id} eq $c->{id} }
		    @{ json($t->run('tidemark', 'status', '--json')->{out})->{connections} };
		is($line->{state}, $word, "$word: the command");
		like(
			$t->run('tidemark', 'status')->{out}, qr/^$word +Few $who /m,
			"$word: in its lines"
		);
	}
	my $metrics = $t->get('/metrics', token => $token)->{content};
	is_deeply(
		{ $metrics =~ /^tidemark_connection_states\{state="(\w+)"\} (\d+)$/gm },
		{
			(map { $_ => 0 } qw(attention syncing retrying active manual)),
			%{ counted(states()) }
		},
		'the metrics, with the states that nothing is in'
	);
};
# The states that the command tells of all connections.
sub states {
	return
	    map { $_->{state} }
	    @{ json($t->run('tidemark', 'status', '--json')->{out})->{connections} }
}
sub counted { my %n; $n{$_}++ for @_; return \%n }

done_testing;
