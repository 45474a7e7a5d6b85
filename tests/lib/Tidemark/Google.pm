# Google.pm - the stand-in for Google beside a private Tidemark.
#
#	my $g = Tidemark::Google->start;     # before Tidemark->start(env => {$g->env})
#	$g->control({ account => { email => 'ann@example.com', name => 'Ann' } });
#	my $id = $g->sheet('people', [['id', 'name'], [1, 'Ann']]);
#	my $account = $g->connect($t);       # through the consent page, as the user admin:
#	                                     # the account's row
#	start(demo => 1, state => $file)     # one that keeps its world:
#	                                     # $g->ended('KILL'); $g->begin
package Tidemark::Google;

use strict;
use warnings;
use File::Temp ();
use HTTP::Tiny;
use IO::Socket::INET;
use Tidemark::Json;
use Scalar::Util qw(weaken);
use Socket qw(SOMAXCONN);
use Tidemark;

# Exchanges that the provider's own description of its interface does not allow: no test may pass
# over one.
my (@ALL, @BAD);
my $JSON = Tidemark::Json->new->utf8->canonical->allow_nonref;

sub start {
	my ($class, %o) = @_;
	my $self = bless {
		out => File::Temp->new, owner => $$,
		http => HTTP::Tiny->new(timeout => 300, max_redirect => 0)
	}, $class;
	$self->{demo} = $o{demo};
	$self->{state} = $o{state};
	$self->{state} ? $self->listen : $self->begin('--listen', '127.0.0.1:0');
	push @ALL, $self;
	weaken $ALL[-1];
	if (!$o{state}) {
		($self->{base}) = wait_for {
			file_text("$self->{out}") =~ m{(http://127\.0\.0\.1:\d+)} ? $1 : undef
		} or die 'the stand-in did not start: ' . file_text("$self->{out}");
	}
	if (!$o{demo}) {
		$self->control({ account => { email => 'ann@example.com', name => 'Ann' } });
		$self->{email} = 'ann@example.com';
	}
	return $self;
}

sub begin {
	my ($self, @options) = @_;
	$self->{pid} = spawn(
		[
			Tidemark->build . '/tidemark-fake',
			@options, $self->{demo} ? '--demo' : (),
			$self->{state} ? ('--state', $self->{state}) : ()
		],
		in => $self->{listen},
		out => "$self->{out}",
		err => "$self->{out}",
		env => { TZ => 'UTC', FAKE_CONTRACTS => Tidemark::root() . '/tests/fake/contract' }
	);
	return;
}

# One that is started again: its address is this test's, so that nobody takes it meanwhile.
sub listen {
	my ($self) = @_;
	$self->{listen} = IO::Socket::INET->new(
		LocalAddr => '127.0.0.1', LocalPort => 0, Listen => SOMAXCONN,
		ReuseAddr => 1
	) or die "listen: $@";
	$self->{base} = 'http://127.0.0.1:' . $self->{listen}->sockport;
	$self->begin;
	return;
}

# Ends it by the signal; what it does not live to do at its end it has done before. Gives how it
# ended.
sub ended {
	my ($self, $signal) = @_;
	$self->kept if $signal eq 'KILL';
	$self->look_back;
	kill $signal, $self->{pid};
	waitpid $self->{pid}, 0;
	return $?;
}

# Waits until all that was done so far is in its file.
sub kept {
	my ($self) = @_;
	my $mark = sprintf 'mark%d@example.com', ++$self->{marks};
	$self->control({ account => { email => $mark } });
	wait_for { file_text($self->{state}) =~ /"\Q$mark\E"/ };
	return;
}

sub base { return $_[0]{base} }
sub env {
	my ($self) = @_;
	return (
		GOOGLE_CLIENT_ID => 'client', GOOGLE_CLIENT_SECRET => 'secret',
		GOOGLE_ACCOUNTS_BASE => "$self->{base}/fake/accounts",
		GOOGLE_OAUTH_BASE => "$self->{base}/fake/oauth2",
		GOOGLE_API_BASE => "$self->{base}/fake/api",
		GOOGLE_SHEETS_BASE => "$self->{base}/fake/sheets",
		GOOGLE_PEOPLE_BASE => "$self->{base}/fake/people"
	);
}

sub control {
	my ($self, $what) = @_;
	my $r = $self->{http}->post(
		"$self->{base}/fake/control",
		{
			headers => { 'content-type' => 'application/json' },
			content => $JSON->encode($what)
		}
	);
	die "the stand-in answered $r->{status} $r->{content}" if $r->{status} != 200;
	return $JSON->decode($r->{content});
}

sub state {
	my ($self) = @_;
	return $JSON->decode($self->{http}->get("$self->{base}/fake/control")->{content})
}

# What somebody with this access token does in calendars:
#	$g->calendar('token', 'GET', 'primary/events')
sub calendar {
	my ($self, $token, $method, $path, $body) = @_;
	my %headers = (authorization => "Bearer $token");
	$headers{'content-type'} = 'application/json' if $body;
	my $r = $self->{http}->request(
		$method,
		"$self->{base}/fake/api/calendar/v3/calendars/$path",
		{ headers => \%headers, $body ? (content => $JSON->encode($body)) : () }
	);
	die "$method $path: $r->{status} $r->{content}" if $r->{status} >= 300;
	return length $r->{content} ? $JSON->decode($r->{content}) : undef;
}

# A spreadsheet with one tab; or sheet($name, tabs => [...]) with what the stand-in takes. Gives
# its id.
my $n = 0;
sub sheet {
	my ($self, $name, @rest) = @_;
	my %file = ref $rest[0] ? (tabs => [{ title => 'Sheet1', values => $rest[0] }]) : @rest;
	my $id = sprintf '1Test%038d', ++$n;
	$self->control({ file => { id => $id, name => $name, owner => $self->{email}, %file } });
	return $id;
}

sub edit {
	my ($self, $id, $range, $values, %o) = @_;
	return $self->control({ edit => { file => $id, range => $range, values => $values, %o } })
}

# Walks from the start to the end of connecting in a browser that knows cookies and forms. path:
# where it starts. form: what is changed in the consent form (scope => [...], decision => 'deny',
# account => ...). Gives the last answer of Tidemark: {status, headers, said}.
sub consent {
	my ($self, $t, $session, %o) = @_;
	my $r = $t->get(
		$o{path} // '/api/auth/google/start', token => undef,
		headers => { cookie => $session->{cookie} }
	);
	return $r if $r->{status} != 302;
	my $url = $r->{headers}{location};
	my $page = $self->{http}->get($url);
	die "the consent page answered $page->{status} $page->{content}" if $page->{status} != 200;
	my @scopes = $page->{content} =~ /name="scope" value="([^"]+)"/g;
	my ($account) = $page->{content} =~ /name="account" value="([^"]+)"/;
	my @pages = $page->{content} =~ /name="page" value="([^"]+)"/g;
	my %form = (
		account => $o{account} // $account,
		scope => $o{scope} ? [grep { $o{scope}->($_) } @scopes] : \@scopes,
		@pages ? (page => \@pages) : (),
		decision => $o{decision} // 'allow'
	);
	$r = $self->{http}->post_form($url, \%form);
	die "consent answered $r->{status} $r->{content}" if $r->{status} !~ /^30[23]$/;
	my $back = $r->{headers}{location};
	return { back => $back } if $o{stop};
	return $t->get(
		$back =~ s{^https?://[^/]+}{}r, token => undef,
		headers => { cookie => $session->{cookie} }
	);
}

# What the page after it says.
sub said {
	my ($r) = @_;
	my $set = $r->{headers}{'set-cookie'} // return '';
	my ($said) =
	    map { /^(?:__Host-)?tidemark-say=([^;]*)/ ? $1 : () } reverse ref $set ? @$set : $set;
	# A line about what went wrong begins with a mark.
	return ($said // '') =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger =~ s/^!//r;
}

sub connect {
	my ($self, $t, %o) = @_;
	my $session = delete $o{session} // $t->sign_in($o{user} // 'admin');
	my $r = $self->consent($t, $session, %o);
	die "connecting ended with $r->{status} $r->{headers}{location} " . said($r)
	    if $r->{status} != 303 || said($r) !~ /is connected|another account/;
	my $list = $t->get('/api/accounts', $o{user} ? (token => "$o{user}:read,sync,write") : ())
	    ->{json}{data};
	return $list->[-1];
}

sub look_back {
	my ($self) = @_;
	my $state = eval { $self->state } // {};
	push @BAD, @{ $state->{breaches} // [] };
	return;
}

END {
	my $rc = $?;
	$_->look_back for grep { $_ && $_->{owner} == $$ } @ALL;
	print STDERR "contract: $_\n" for @BAD;
	$? = $rc || (@BAD ? 97 : 0);
}

sub DESTROY {
	my ($self) = @_;
	return if $$ != $self->{owner};
	local ($?, $!, $@);
	$self->look_back;
	kill 'TERM', $self->{pid};
	waitpid $self->{pid}, 0;
}

1;
