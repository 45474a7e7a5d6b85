# seconds: 15
# A calendar that the account may only read gets nothing that was made elsewhere, without a failure
# for each; and all of it once the account may write there.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;
use Tidemark::Twoway qw(made);

my $g = Tidemark::Google->start;
my $t = Tidemark->start(env => { $g->env });
my $team = 'team@group.calendar.google.com';
$g->control({ account => { email => 'bob@example.com', name => 'Bob' } });
$g->control({ calendar => { owner => 'bob@example.com', id => $team, summary => 'Team' } });
$g->control({ token => { value => 'bob', email => 'bob@example.com' } });

sub may {
	my ($role) = @_;
	my %share = (calendar => $team, email => 'ann@example.com', role => $role);
	$g->control({ calendar_share => \%share });
}

sub put {
	my ($title) = @_;
	$g->calendar(
		'bob', 'POST',
		"$team/events",
		{
			summary => $title,
			start => { dateTime => '2020-10-01T09:00:00Z' },
			end => { dateTime => '2020-10-01T10:00:00Z' }
		}
	);
}

sub there {
	my $list = $g->calendar('bob', 'GET', "$team/events?maxResults=50");
	return join ', ', sort map { $_->{summary} } @{ $list->{items} };
}

sub quiet {
	ok wait_for {
		!@{ $t->get('/api/sync')->{json}{active} }
		    && !$t->sql("SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending')")
	}
	60;
	return $t->get('/api/calendar/sync/queue')->{json}{stats};
}

put('Theirs');
may('reader');
my $first = made($t, title => 'Before');
my $account = $g->connect($t, path => '/api/auth/google/start?for=google-calendar')->{id};
my %ask = (provider => 'google-calendar', accountId => $account, config => { calendar => $team });

subtest 'a preview says that nothing would be written there' => sub {
	my $r = $t->post('/api/preview', \%ask);
	is $r->{status}, 200 or diag $r->{content};
	is_deeply [map { $r->{json}{counts}{$_}{add} } qw(local remote)], [1, 0];
};

my $conn = $t->connect('google-calendar', undef, accountId => $account, name => 'Team',
	config => { calendar => $team })->{id};
sub conn { return $t->get("/api/connections/$conn")->{json} }
sub read_again {
	my $run = $t->sync_and_wait($conn);
	is $run->{status}, 'complete' or diag explain $run->{error};
}

subtest 'nothing is sent that could only be refused' => sub {
	is $t->wait_run(conn()->{lastSync}{syncId})->{status}, 'complete';
	made($t, title => 'Behind');
	is_deeply [@{ quiet() }{qw(PENDING FAILED COMPLETED)}], [0, 0, 0];
	is there(), 'Theirs';
	ok conn()->{readOnly}, 'the connection says so';
	my $page = $t->get("/connections/$conn", token => undef,
		headers => { cookie => $t->sign_in('admin')->{cookie} });
	like $page->{content}, qr/may only read it: nothing that is made here or elsewhere/;
	is_deeply $t->get("/api/events/$first")->{json}{event}{links}, [];
	read_again();
	is_deeply [@{ quiet() }{qw(PENDING FAILED COMPLETED)}], [0, 0, 0];
};

subtest 'what waited for leave is there when the account may write' => sub {
	may('writer');
	read_again();
	quiet();
	is there(), 'Before, Behind, Theirs';
	ok !conn()->{readOnly};
	made($t, title => 'Now');
	quiet();
	is there(), 'Before, Behind, Now, Theirs';
};

subtest 'it is taken away again: new events stay here, the copies there' => sub {
	may('reader');
	read_again();
	ok conn()->{readOnly};
	made($t, title => 'Late');
	is quiet()->{FAILED}, 0;
	is there(), 'Before, Behind, Now, Theirs';
};

done_testing;
