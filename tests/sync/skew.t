# seconds: 20
# Google's clock is right, ten minutes ahead or behind: of two edits of one field the later one
# stands all the same, and the conflict says when each was made, by our clock.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
my $t = Tidemark->start(env => { $g->env, TIDEMARK_RETRY_MS => 2 });
my $email = $g->{email};
$g->control({
	quota => { calendar => { user => 0, project => 0 } },
	token => { value => 'cal', email => $email }
});
$g->connect($t, path => '/api/auth/google/start?for=google-calendar');

sub google { return $g->calendar('cal', @_) }
sub quiet {
	return wait_for {
		!$t->sql('SELECT count(*) FROM outbox WHERE finished_at IS NULL')
		    && !$t->sql('SELECT count(*) FROM sync WHERE finished_at IS NULL')
		    && !$t->sql('SELECT count(*) FROM schedule WHERE asked > served')
	}
	40
}
google(
	'POST',
	'primary/events',
	{
		summary => 'Meeting',
		start => { dateTime => '2026-10-05T10:00:00Z' },
		end => { dateTime => '2026-10-05T11:00:00Z' }
	}
);
my $c = $t->connect('google-calendar', undef, name => 'Work', config => { calendar => 'primary' });
is($t->wait_run($c->{lastSync}{syncId})->{status}, 'complete', 'read');
ok(quiet(), 'quiet');
my ($event) = @{ $t->get('/api/events?limit=10')->{json}{data} };
my ($twin) = @{ google('GET', 'primary/events')->{items} };

# What is known of Google's clock, in seconds; undef: not yet.
sub known {
	my $v = $t->sql("SELECT samples FROM remote_clock WHERE service = 'google-calendar'");
	my @all = sort { $a <=> $b } map { $_->{ahead} } @{ $v ? json($v) : [] };
	return @all < 3 ? undef : $all[@all / 2] / 1000;
}
sub told {
	my ($side) = @_;
	my ($last) = @{ $t->get('/api/conflicts?state=resolved')->{json}{data} };
	my ($f) = @{ $last->{fields} };
	ok($f->{localAt} && $f->{remoteAt}, 'both times are told') or diag explain $last;
	is($f->{chosen}, $side, 'which stands');
	my ($earlier, $later) = $side eq 'local' ? qw(remoteAt localAt) : qw(localAt remoteAt);
	cmp_ok($f->{$earlier}, 'lt', $f->{$later}, 'the later one');
	my ($why) = grep { $_->{reason} }
	    @{ $t->get("/api/events/$event->{id}/history")->{json}{data} };
	my $words = $side eq 'local' ? 'here' : 'there';
	like($why->{reason}, qr/title \(the edit made $words stands\).* by our clock/,
		'history says why');
}

# The same field on both sides, ours a minute before theirs or after it.
sub fought {
	my ($n, $minutes) = @_;
	is($t->post("/api/connections/$c->{id}/pause")->{status}, 200, 'paused');
	google('PATCH', "primary/events/$twin->{id}", { summary => "Theirs $n" });
	is($t->put("/api/events/$event->{id}", { title => "Ours $n" })->{status}, 200, 'edited');
	$t->sql("UPDATE change SET at = at + $minutes * 60000 WHERE no = (SELECT max(no) FROM "
		    . "change WHERE object_key = '$event->{id}' AND side = 'local')");
	is($t->post("/api/connections/$c->{id}/resume")->{status}, 200, 'resumed');
	$t->sync_and_wait($c->{id});
	ok(quiet(), 'quiet');
	my $stands = $minutes > 0 ? "Ours $n" : "Theirs $n";
	is($t->get("/api/events/$event->{id}")->{json}{event}{title}, $stands, 'here');
	is(google('GET', "primary/events/$twin->{id}")->{summary}, $stands, 'and there');
	told($minutes > 0 ? 'local' : 'remote');
}

my $shifted = 0;
for my $shift (0, 600, -600) {
	subtest "Google's clock is $shift seconds ahead" => sub {
		$g->control({ clock => { advance_ms => ($shift - $shifted) * 1000 } });
		$shifted = $shift;
		ok(
			wait_for(sub {
				$t->sync_and_wait($c->{id});
				defined known() && abs(known() - $shift) < 30
			}, 40),
			'which its answers say'
		) or diag explain known();
		fought("$shift, later", 1);
		fought("$shift, earlier", -1);
	};
}
my $log = join '', map { file_text($_) } glob $t->log_file('*');
like($log, qr/clock\.apart.*google-calendar/, 'the log says that one of the two is wrong');
done_testing;
