# seconds: 45
# An address book that is edited at random, and what Tidemark has of it: after every sync the same,
# whatever was made, changed, merged, labelled, deleted, refused, late or killed meanwhile. Here it
# only reads; contacts_random_labelled.t is the same while it puts a label of its own on everybody.
# The two make 10,000 edits. TIDEMARK_RANDOM_SEED repeats a run, TIDEMARK_RANDOM_EDITS says how many
# edits there are at least.
use strict;
use warnings;
use List::Util qw(shuffle);
use Test::More;
use Tidemark;
use Tidemark::Google;

# Edits between two syncs, at most: few as a rule, or a great many.
use constant { FEW => 50, MANY => 2000 };

my $seed = $ENV{TIDEMARK_RANDOM_SEED} // time ^ $$;
my $edits = $ENV{TIDEMARK_RANDOM_EDITS} // 5000;
srand $seed;
diag "TIDEMARK_RANDOM_SEED=$seed";

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

sub one { return $_[rand @_] }
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
	return $r->{status} == 200 ? json($r->{content}) : { refused => $r->{status} };
}
my $FIELDS = 'groupFields=name,groupType,clientData';
sub groups {
	return grep { $_->{groupType} eq 'USER_CONTACT_GROUP' }
	    @{ google(GET => "contactGroups?pageSize=1000&$FIELDS")->{contactGroups} }
}
sub labels { return map { $_->{resourceName} => $_->{name} } groups() }
# What the label is called by now that Tidemark has made.
sub ours_named { return map { $_->{name} } grep { $_->{clientData} } groups() }
# Everybody, as Google tells it: the truth.
sub truth {
	my %label = labels();
	my (%all, $page);
	do {
		my $r = google(GET => 'people/me/connections?pageSize=1000&personFields='
			    . 'names,emailAddresses,memberships,metadata'
			    . ($page ? "&pageToken=$page" : ''));
		for my $p (@{ $r->{connections} // [] }) {
			my @in = map { $_->{contactGroupMembership}{contactGroupResourceName} }
			    @{ $p->{memberships} // [] };
			$all{ $p->{resourceName} } = join '|',
			    $p->{names}[0]{displayName} // '',
			    (join ',', sort map { $_->{value} } @{ $p->{emailAddresses} // [] }),
			    (join ',', sort grep { defined } map { $label{$_} } @in);
		}
		$page = $r->{nextPageToken};
	} while $page;
	return \%all;
}
sub ours {
	my $r = $t->records($_[0]);
	return {
		map {
			my $p = $r->{$_};
			($_ => join '|', $p->{displayName} // '',
				(join ',', sort map { $_->{value} } @{ $p->{emails} }),
				(join ',', sort @{ $p->{labels} }))
		} keys %$r
	};
}

my ($n, @label) = (0, 'Tea', 'Coffee', 'Cake');
sub content {
	return {
		names => [{
			givenName => one(qw(Ada Bruno Chiara Dmitri)), familyName => 'No. ' . ++$n
		}],
		rand() < .8
		? (emailAddresses => [map { { value => "p$n-$_\@example.com" } } 1 .. 1 + rand 3])
		: ()
	};
}
sub put {
	my ($id) = @_;
	return $g->control({
		person => {
			owner => $OWNER, $id ? (id => $id) : (),
			labels => [grep { rand() < .3 } @label], content => content()
		}
	});
}
my %edit = (
	make => sub { put() },
	change => sub { put(one(@_)) },
	delete => sub {
		$g->control({ person_delete => { owner => $OWNER, person => one(@_) } });
	},
	merge => sub {
		my ($into, $from) = (one(@_), one(@_));
		$g->control({
			merge_people => {
				owner => $OWNER, into => $into, from => [$from],
				rand() < .3 ? (as => 'people/m' . ++$n) : (),
				hushed => rand() < .5 ? true : false
			}
		}) if $into ne $from;
	},
	label => sub {
		my %all = labels();
		google(
			POST => one(keys %all) . '/members:modify',
			{ one('resourceNamesToAdd', 'resourceNamesToRemove') => [one(@_)] }
		) if %all;
	},
	# Alone it would be seen a day later: nobody is told to have changed by it.
	rename => sub {
		my %all = labels();
		my $new = 'Label ' . ++$n;
		google(PUT => one(keys %all), { contactGroup => { name => $new } }) if %all;
		put();
	},
	unlabel => sub {
		my %all = labels();
		google(DELETE => one(keys %all)) if keys %all > 2;
	},
);
my @usual = (('make') x 6, ('change') x 8, ('delete') x 3, ('merge') x 2, ('label') x 4);
# What happens to a sync.
my %done;
my @weather = (
	sub { },
	sub { },
	sub { $done{'(all tokens refused)'}++; $g->control({ people_tokens => true }) },
	sub {
		$done{'(token of eight days)'}++;
		$g->control({ clock => { advance_ms => 8 * 86400 * 1000 } });
	},
	sub {
		$done{'(fault)'}++;
		my $kind = one('503', '429', 'reset', 'cut');
		$g->control({ faults => [{ kind => $kind, path => '/v1/' }] });
	},
	sub {
		$g->control({ latency_ms => 150 });
		$t->cooled($_[0]);
		$t->post('/api/sync', { connectionId => $_[0] });
		select undef, undef, undef, rand .5;
		$done{'(kill)'}++ if $t->kill_all('KILL', 'tidemark-worker');
		$g->control({ latency_ms => 0 });
		$t->tick;
	},
	sub {
		# It does not see what was written just now, and sees it later.
		$done{'(late)'}++;
		$t->sync_and_wait($_[0]);
		$g->control({ people_delay_ms => 0, clock => { advance_ms => 61000 } });
		truth();
	},
);

put() for 1 .. 60;
my $puts = $0 =~ /labelled/;
my $c = $t->connect(
	'google-contacts', undef,
	config => { $puts ? (label => 'In Tidemark') : () }
);
my $id = $c->{id};
$t->wait_run($c->{activeSyncId} // $c->{lastSync}{syncId});

# A sync that has begun by now: one that was on its way had read before what was edited last.
sub begun {
	my $r;
	wait_for {
		$r = $t->post('/api/sync', { connectionId => $id });
		$t->cooled($id) if $r->{status} == 429;
		$t->wait_run($r->{json}{syncId}) if $r->{status} == 409;
		$r->{status} == 202
	}
	60 or die "no sync begins: $r->{status} $r->{content}";
	return $t->wait_run($r->{json}{syncId});
}
# One that has read everything.
sub synced {
	my $r;
	for (1 .. 10) {
		$r = begun();
		last if $r->{status} eq 'complete';
		# Many may have gone at once: a person is asked, and says yes.
		$t->post("/api/sync/$r->{syncId}/approve", {}) if $r->{review};
	}
	return $r;
}
sub changed { my $s = $_[0]{stats}; return $s->{added} + $s->{updated} + $s->{deleted} }
# What Tidemark has written there is told by the next one, and what failed is done by the next one.
sub settled {
	$g->control({ people_delay_ms => 0, clock => { advance_ms => 61000 } });
	for (1 .. 6) {
		my $r = synced();
		return 1 if !changed($r) && !grep { $_->{code} eq 'untended' } @{ $r->{warnings} };
	}
	return 0;
}
sub same {
	my ($what) = @_;
	if ($puts) {
		ok(settled(), "$what: it comes to rest");
		my ($name) = ours_named();
		my @without = grep { !/[|,]\Q$name\E(?:,|$)/ } values %{ truth() };
		is_deeply(\@without, [], "$what: everybody has the label $name");
	}
	return is_deeply(ours($id), truth(), "$what: the same as at Google");
}
same('the first sync');

my ($round, $n_done, @coming) = (0, 0);
while ($n_done < $edits) {
	$round++;
	my %there = %{ truth() };
	my $late = rand() < .2;
	# A label that is another one makes everybody be read, by which all mistakes are mended.
	my @rare = rand() < .25 ? qw(rename unlabel) : ();
	$g->control({ people_delay_ms => $late ? 60000 : 0 });
	for (1 .. rand one(FEW, MANY)) {
		my @who = keys %there or last;
		my $what = @rare && rand() < .06 ? one(@rare) : one(@usual);
		# Somebody may be gone by then.
		eval { $edit{$what}->(@who) } or next;
		$done{$what}++;
		$n_done++;
	}
	# Each comes as often as the others.
	@coming = shuffle(0 .. $#weather - 1) if !@coming;
	my $weather = $late ? $#weather : shift @coming;
	$weather[$weather]->($id);
	my $r = synced();
	is($r->{status}, 'complete', "round $round: read") or diag explain $r;
	next if same("round $round");
	diag "weather $weather";
	diag explain $t->get("/api/connections/$id/syncs?limit=4")->{json}{data};
	last;
}
diag join ', ', map { "$_ $done{$_}" } sort keys %done;
cmp_ok($n_done, '>=', $edits, 'that many edits');
my $people = keys %{ ours($id) };
for (1 .. 15) {
	my $r = begun();
	is(changed($r), 0, "sync $_ of 15 in a row: nothing is written");
	is($r->{stats}{total_contacts}, $people, 'and they are as many');
}

done_testing;
