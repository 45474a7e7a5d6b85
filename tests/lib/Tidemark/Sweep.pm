# Sweep.pm - the plug is pulled at random moments of random syncs of several kinds, with consumers
# that poll the feeds all the time, and clears, forgotten deletions and restores in between. After
# each sync the mirror is the source, and in the end every consumer has it.
#
#	my $s = Tidemark::Sweep->new(seed => 7);
#	$s->round for 1 .. 300;
#	$s->finish;
#
# What is wrong is a failed test; rounds() and the like say what was tried.
package Tidemark::Sweep;

use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;
use Time::HiRes qw(sleep time);

use constant { ROWS => 400, AGED => 40 * 86_400_000, PATIENCE => 180 };

# What is killed, and what an outer supervisor does then; what has none is started by the others.
my %again = (
	'tidemark-tick' => sub { $_[0]{t}->loop(1) },
	nginx => sub { $_[0]{t}->nginx }
);
my @victims = (
	('tidemark-worker') x 6,
	qw(tidemark-keeper tidemark-keeper tidemark-parser tidemark-parser),
	qw(tidemark-tick tidemark-fcgi tidemark-broker nginx)
);
my @kinds = qw(csv json ical sheets);

sub new {
	my ($class, %o) = @_;
	srand $o{seed};
	my $g = Tidemark::Google->start;
	$g->control({ quota => { 'sheets.read' => { user => 0 }, drive => { user => 0 } } });
	my $t = Tidemark->start(
		env => {
			$g->env, TIDEMARK_LEASE_SECONDS => 3, TIDEMARK_RETRY_MS => 1,
			TIDEMARK_GOOGLE_SHEETS_READS => 1_000_000,
			TIDEMARK_GOOGLE_SHEETS_READS_USER => 1_000_000
		}
	);
	my $self = bless { g => $g, t => $t, src => $t->source, n => 0, did => {} }, $class;
	$self->{account} = $g->connect($t)->{id};
	$t->loop(1);
	$self->{of}{$_} = $self->begin($_) for @kinds;
	return $self;
}

sub rows_of { my ($o) = @_; return sort { $a <=> $b } keys %{ $o->{row} } }

# What the source has now, as it is sent.
sub publish {
	my ($self, $o) = @_;
	my ($src, $row) = ($self->{src}, $o->{row});
	my @ids = rows_of($o);
	my %drip = (drip => [4_000, 0.02]);
	if ($o->{kind} eq 'csv') {
		$src->put(
			'/s.csv', join('', "id,v\n", map { "$_,$row->{$_}\n" } @ids),
			etag => 'auto', ranges => 1, %drip
		);
	} elsif ($o->{kind} eq 'ical') {
		my @events = map {
			(
				'BEGIN:VEVENT', "UID:$_", 'DTSTART:20261001T100000Z',
				"SUMMARY:$row->{$_}", 'END:VEVENT'
			)
		} @ids;
		$src->put(
			'/s.ics',
			join(
				"\r\n", 'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:x', @events,
				'END:VCALENDAR', ''
			),
			%drip
		);
	} elsif ($o->{kind} eq 'json') {
		my @pages = map { [splice @ids, 0, 100] } 1 .. 1 + $#ids / 100;
		for my $n (reverse 0 .. $#pages) {
			my @data = map { { id => 0 + $_, v => $row->{$_} } } @{ $pages[$n] };
			my %page = (data => \@data);
			$page{next} = $src->url('/s' . ($n + 1) . '.json') if $n < $#pages;
			$src->put("/s$n.json", JSON::PP->new->encode(\%page), %drip);
		}
	} else {
		my @cells = (['id', 'v'], map { [$_, $row->{$_}] } @ids);
		push @cells, ['', ''] while @cells < $o->{height};
		$o->{height} = @cells;
		if ($o->{file}) { $self->{g}->edit($o->{file}, 'Sheet1!A1', \@cells) }
		else { $o->{file} = $self->{g}->sheet('swept', \@cells) }
	}
}

sub begin {
	my ($self, $kind) = @_;
	my %row = map { $_ => "value $_" } 1 .. ROWS;
	my $o = { kind => $kind, row => \%row, next => ROWS + 1, height => 0 };
	$self->publish($o);
	my $t = $self->{t};
	my %url = (csv => '/s.csv', json => '/s0.json', ical => '/s.ics');
	my %config = (
		csv => { key => 'id' }, json => { records => 'data', next => 'next', key => 'id' },
		ical => {}, sheets => { spreadsheet => $o->{file}, tabs => ['Sheet1'], key => 'id' }
	);
	my $c = $t->connect(
		$kind eq 'sheets' ? 'google-sheets' : $kind,
		$url{$kind} ? $self->{src}->url($url{$kind}) : undef,
		config => $config{$kind},
		$kind eq 'sheets' ? (accountId => $self->{account}) : ()
	);
	$t->wait_run($c->{activeSyncId}, PATIENCE);
	$o->{id} = $c->{id};
	$o->{replica} = $t->replica($c->{id})->run;
	return $o;
}

# Some rows are changed, come and go: never so many that a person would be asked.
sub edit {
	my ($self, $o) = @_;
	my $row = $o->{row};
	my @ids = rows_of($o);
	$row->{ $ids[rand @ids] } = 'changed ' . ++$self->{n} for 0 .. rand 40;
	delete $row->{ $ids[rand @ids] } for 0 .. rand 20;
	$row->{ $o->{next}++ } = 'new ' . ++$self->{n} for 0 .. rand(@ids < ROWS ? 30 : 10);
	$self->publish($o);
}

sub pulled {
	my ($self) = @_;
	my $who = $victims[rand @victims];
	sleep rand 0.5;
	$self->{did}{"$who killed"} += $self->{t}->kill_all(KILL => $who);
	$again{$who}->($self) if $again{$who};
}

# All that runs has ended, whatever was killed.
sub settled {
	my ($self) = @_;
	return wait_for {
		my $r = eval { $self->{t}->get('/api/sync') };
		$r && $r->{status} == 200 && $r->{json} && !@{ $r->{json}{active} };
	}
	PATIENCE;
}

sub said {
	my ($self, $method, @what) = @_;
	my $r;
	wait_for { $r = eval { $self->{t}->$method(@what) }; $r && $r->{status} < 500 } 60;
	return $r;
}

# Deletions are forgotten, as after their time: a consumer that has not seen them starts again.
sub forget {
	my ($self) = @_;
	my $t = $self->{t};
	my $aged = AGED;
	$t->sql("UPDATE record SET deleted = deleted - $aged WHERE deleted IS NOT NULL");
	$t->sql("UPDATE meta SET value = value - 3600000 WHERE name = 'tick_at'");
}

# All is as it was when it was backed up, and goes on from there.
sub restore {
	my ($self) = @_;
	my ($t, $file) = ($self->{t}, "$self->{t}{dir}/swept.db");
	if (-e $file && rand() < 0.7) {
		my $r = $t->run('tidemark', 'restore', $file);
		is $r->{rc}, 0, 'restored' or diag $r->{err};
		unlink $file, glob $t->home . '/before-restore-*';
	} else {
		unlink $file;
		is $t->run('tidemark', 'backup', $file)->{rc}, 0, 'backed up';
	}
}

# A sync that nothing disturbs. Of what was restored long after it was backed up so much may differ
# that it asks.
sub calm {
	my ($self, $o) = @_;
	my $t = $self->{t};
	my $run = $t->sync_and_wait($o->{id}, PATIENCE);
	return $run if ($run->{error}{code} // '') ne 'needs_approval';
	$self->{did}{'times asked'}++;
	is $t->post("/api/sync/$run->{syncId}/approve")->{status}, 202, 'asked and approved';
	$self->settled;
	$t->cooled($o->{id});
	return $t->sync_and_wait($o->{id}, PATIENCE);
}

sub mirror {
	my ($self, $o) = @_;
	my %of = %{ $self->{t}->records($o->{id}) };
	my %value = (ical => 'summary');
	my %id = (ical => 'uid');
	my ($id, $value) = ($id{ $o->{kind} } // 'id', $value{ $o->{kind} } // 'v');
	return { map { $_->{$id} => $_->{$value} } values %of };
}

# One sync, from the edits before it to the state after it.
sub round {
	my ($self) = @_;
	my ($t, $o) = ($self->{t}, $self->{of}{ $kinds[rand @kinds] });
	my $dice = rand;
	my $what =
	      $dice < 0.08 ? 'clear'
	    : $dice < 0.14 ? 'forget'
	    : $dice < 0.2 ? 'restore'
	    : 'sync';
	$self->{did}{$what}++;
	$self->edit($o);
	$self->$what() if $what eq 'forget' || $what eq 'restore';
	$t->cooled($o->{id});
	$self->said(
		post => $what eq 'clear'
		? ("/api/connections/$o->{id}/reset", { mode => 'clear' })
		: ('/api/sync', { connectionId => $o->{id} })
	);
	$self->pulled for 0 .. rand 3;
	ok $self->settled, "$what of $o->{kind}: everything has ended" or return 0;
	$t->cooled($o->{id});
	my $run = $self->calm($o);
	is $run->{status}, 'complete', "$what of $o->{kind}: complete"
	    or diag explain $run->{error};
	my ($have, %want) = ($self->mirror($o), %{ $o->{row} });
	my @wrong = grep { ($have->{$_} // '') ne ($want{$_} // '') }
	    sort keys %{ { %$have, %want } };
	is scalar(@wrong), 0, "$what of $o->{kind}: as the source"
	    or diag join ', ', map { "$_: " . ($have->{$_} // '-') . ' / ' . ($want{$_} // '-') }
	    @wrong[0 .. ($#wrong < 9 ? $#wrong : 9)];
	return !@wrong;
}

# Every consumer has what is there; what is counted is right; nothing is left lying.
sub finish {
	my ($self) = @_;
	my $t = $self->{t};
	for my $o (map { $self->{of}{$_} } @kinds) {
		$self->calm($o);
		is_deeply $o->{replica}->level, $t->copy_of($o->{id}),
		    "$o->{kind}: who followed the feed has it";
		$self->{did}{polls} += $o->{replica}{polls};
		$self->{did}{'times started again'} += $o->{replica}{refusals};
	}
	my $kept = 'FROM record r WHERE r.dataset_no = d.no AND deleted IS NULL';
	my $bytes = 'length(CAST(key AS BLOB)) + length(CAST(payload AS BLOB))';
	my $wrong = "rows <> (SELECT count(*) $kept) "
	    . "OR bytes <> (SELECT COALESCE(sum($bytes), 0) $kept)";
	is $t->sql("SELECT count(*) FROM dataset d WHERE $wrong"), 0,
	    'rows and bytes are counted right';
	is_deeply [grep { -d } glob $t->home . '/spool/*'], [], 'no working files are left';
	my $doctor = $t->run('tidemark', 'doctor', '--json');
	my ($database) = grep { $_->{name} eq 'database' } @{ json($doctor->{out}) };
	ok $database && $database->{ok}, 'the database file is sound' or diag $doctor->{out};
	diag join ', ', map { "$_ $self->{did}{$_}" } sort keys %{ $self->{did} };
}

1;
