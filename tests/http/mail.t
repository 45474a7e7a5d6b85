#!/usr/bin/perl
# Mail, from a connection that fails to a mail server on the loopback.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Temp ();
use IO::Socket::INET;
use POSIX ();
use Test::More;
use Time::HiRes qw(time);
use Tidemark;

# A mail server that keeps what it is told.
my $box = File::Temp->new;
my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 20)
    or die $@;
my $port = $listen->sockport;
my $server = fork // die $!;
if (!$server) {
	$SIG{CHLD} = 'IGNORE';
	while (my $c = $listen->accept) {
		next if fork;
		my ($data, $line) = (0);
		$c->autoflush(1);
		print $c "220 test\r\n";
		while (defined($line = <$c>)) {
			open my $f, '>>', "$box" or die $!;
			print $f $line;
			close $f;
			if ($data) { $data = $line ne ".\r\n" or print $c "250 taken\r\n" }
			elsif ($line =~ /^DATA/) { $data = 1; print $c "354 go on\r\n" }
			else { print $c $line =~ /^QUIT/ ? "221 bye\r\n" : "250 ok\r\n" }
		}
		POSIX::_exit(0);
	}
	POSIX::_exit(0);
}
close $listen;
END {
	my $rc = $?;
	if ($server) { kill 'KILL', $server; waitpid $server, 0 }
	$? = $rc
}

my $t = Tidemark->start(
	env => {
		TIDEMARK_SMTP_URL => "smtp://127.0.0.1:$port",
		TIDEMARK_MAIL_FROM => 'tidemark@example.com',
		TIDEMARK_SMTP_PASSWORD => 'canary-of-the-mail'
	}
);
sub sql {
	my ($text) = @_;
	my $r =
	    $t->run('/usr/bin/sqlite3', '-cmd', '.timeout 60000', $t->home . '/tidemark.db', $text);
	die $r->{err} if $r->{rc};
	chomp $r->{out};
	return $r->{out}
}
# What waits for its minutes is due now. A tick that something else has woken may be at work; then
# this one leaves at once.
sub digest {
	sql("UPDATE lane SET due_at = 1 WHERE id LIKE 'digest|%' AND due_at IS NOT NULL");
	wait_for {
		$t->tick;
		sql(          "SELECT count(*) FROM lane WHERE (id LIKE 'digest|%' AND due_at = 1) "
			    . "OR (id = 'mail' AND due_at IS NOT NULL) "
			    . "OR (id = 'mail' OR id LIKE 'digest|%') AND pid <> 0") eq '0'
	} or die 'the digest is not done';
	my $text = file_text("$box");
	truncate "$box", 0;
	return $text;
}

$t->token;
sql("UPDATE account SET email = 'anna\@example.org' WHERE name = 'admin'");
my $src = $t->source;
$src->put("/$_.csv", '', status => 403) for 'a', 'b';
my @c =
    map { $t->connect(csv => $src->url("/$_.csv"), name => "List\x{e9} $_", start => false) } 'a',
    'b';

subtest 'troubles of the same minutes are one mail' => sub {
	$t->sync_and_wait($_->{id}) for @c;
	is file_text("$box"), '', 'not at once';
	my $mail = digest();
	is scalar(() = $mail =~ /^DATA/mg), 1, 'one';
	like $mail, qr/^RCPT TO:<anna\@example\.org>/m;
	like $mail, qr/^Subject: Tidemark: 2 connections need attention\r$/m;
	like $mail, qr/^Auto-Submitted: auto-generated\r$/m;
	like $mail, qr/List=C3=A9 a.*List=C3=A9 b/s;
	like $mail, qr{\Q$t->{base}\E/connections/$c[0]{id}};
	unlike digest(), qr/DATA/, 'and once';
};

subtest 'one when it is well again' => sub {
	$src->put('/a.csv', "id\n1\n");
	$t->sync_and_wait($c[0]{id});
	my $mail = digest();
	like $mail, qr/^Subject: =\?UTF-8\?B\?/m, 'a name that is not ASCII';
	like $mail, qr/work again:/;
	unlike digest(), qr/DATA/;
};

subtest 'who does not want them gets none' => sub {
	sql('UPDATE account SET mail_notices = 0');
	$src->put('/a.csv', '', status => 403);
	sql("UPDATE told SET trouble_at = 0");
	$t->sync_and_wait($c[0]{id});
	unlike digest(), qr/DATA/;
};

# Waits for a mail with this subject; its text with soft line ends undone.
sub mail_with {
	my ($subject) = @_;
	my $mail = wait_for {
		my $text = file_text("$box");
		$text =~ /^Subject: \Q$subject\E/m && $text =~ /^\.\r$/m ? $text : undef
	}
	20;
	truncate "$box", 0;
	return ($mail // '') =~ s/=\r\n//gr =~ s/=3D/=/gr;
}

subtest 'an address counts when its link was opened' => sub {
	truncate "$box", 0;
	my $s = $t->sign_in('eve', 'invite');
	my $h = { cookie => $s->{cookie}, 'x-csrf-token' => $s->{csrf} };
	is $t->request(
		'PATCH', '/api/account',
		{ email => "eve\@example.org\r\nBcc: x\@example.org" }, token => undef,
		headers => $h
	)->{status}, 422, 'one address, in one line';
	is $t->request(
		'PATCH', '/api/account', { email => 'eve@example.org' }, token => undef,
		headers => $h
	)->{json}{email}, undef, 'not yet';
	# Who had no address cannot be told, so the operators are.
	my $told = wait_for {
		(grep { /^Subject: A first address/m && /^\.\r$/m } split /^(?=MAIL)/m,
			file_text("$box"))[0]
	}
	20;
	like $told // '', qr/^RCPT TO:<anna\@example\.org>/m, 'the operator is told';
	like +($told // '') =~ s/=\r\n//gr, qr/user eve .*eve\@example\.org was given/, 'of what';
	my $mail = mail_with('Confirm your address for Tidemark');
	like $mail, qr/^RCPT TO:<eve\@example\.org>/m, 'a mail goes there';
	my ($path) = $mail =~ m{http://[^/\s]+(/confirm\?key=[\w-]+)};
	my $page = $t->get($path, token => undef);
	is $page->{status}, 200, 'the link asks';
	is $t->get('/api/account', token => 'eve:read')->{json}{email}, undef,
	    'looking at it confirms nothing';
	my ($key) = $path =~ /key=(.*)/;
	is $t->request('POST', '/sign-in', undef, token => undef, form => { key => $key })
	    ->{status}, 401, 'it signs nobody in';
	like $t->request('POST', '/confirm', undef, token => undef, form => { key => $key })
	    ->{content}, qr/is confirmed/, 'confirmed';
	is $t->get('/api/account', token => 'eve:read')->{json}{email}, 'eve@example.org',
	    'now it counts';
	is $t->request('POST', '/confirm', undef, token => undef, form => { key => $key })
	    ->{status}, 401, 'once';
};

subtest 'a lost password is replaced by a mailed link' => sub {
	for my $name ('eve', 'nobody') {
		my $began = time;
		is $t->request('POST', '/sign-in', undef, token => undef, form => { mail => $name })
		    ->{status}, 303, 'the same answer';
		# 0.1 s, in whole milliseconds of which both ends may be cut off.
		cmp_ok time - $began, '>=', 0.098,
		    'after a time that does not tell whether there was anything to do';
	}
	my $mail = mail_with('Your sign-in link for Tidemark');
	my ($path) = $mail =~ m{http://[^/\s]+(/sign-in\?key=[\w-]+)};
	is $t->get($path, token => undef)->{headers}{location}, '/settings?tab=account',
	    'which leads to choosing a password';
	is scalar(() = $mail =~ /^RCPT/mg), 1, 'and goes to her alone';
	$t->request('POST', '/sign-in', undef, token => undef, form => { mail => 'eve' })
	    for 1 .. 6;
	is $t->request('POST', '/sign-in', undef, token => undef, form => { mail => 'eve' })
	    ->{status}, 429, 'not again and again';
};

subtest 'nobody has others written to again and again' => sub {
	my $s = $t->sign_in('eve', 'invite');
	my @r = map {
		$t->request(
			'PATCH', '/api/account', { email => "someone$_\@example.org" },
			token => undef,
			headers => { cookie => $s->{cookie}, 'x-csrf-token' => $s->{csrf} }
		)->{status}
	} 1 .. 8;
	is $r[0], 200, 'once may be a mistake';
	is $r[-1], 429, 'many are not';
	like mail_with('Your way into Tidemark changes'), qr/^RCPT TO:<eve\@example\.org>/m,
	    'the address there was hears of it';
};

subtest 'no log and no file tells the password' => sub {
	unlike join('', map { file_text($_) } glob("$t->{dir}/*.log"), $t->home . '/tidemark.db'),
	    qr/canary-of-the-mail/;
};

done_testing;
