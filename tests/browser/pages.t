# The pages in a real browser. This program runs a private Tidemark and a source server for pages.mjs, and does what it asks: one JSON list a line.
use strict;
use warnings;
use lib 'tests/lib';
use IO::Handle;
use JSON::PP;
use POSIX ();
use Tidemark;

my $t = Tidemark->start(web => 3, loop => 60);
my $idle = Tidemark->start(web => 1, hook => 0);
my $src = $t->source;
my $json = JSON::PP->new->utf8->allow_nonref;
my %do = (
	put => sub { my ($path, $body, $options) = @_; $src->put($path, $body, %{$options // {}}); return 1 },
	gone => sub { $src->gone($_[0]); return 1 },
	requests => sub { return scalar $src->requests($_[0]) },
	link => sub { return $t->link('admin') },
	idle_link => sub { return $idle->link('admin') },
	stop => sub { return kill 'STOP', $t->pids('tidemark-fcgi') },
	go_on => sub { return kill 'CONT', $t->pids('tidemark-fcgi') },
);

pipe(my $ask_read, my $ask_write) or die $!;
pipe(my $tell_read, my $tell_write) or die $!;
my $pid = fork // die $!;
if (!$pid) {
	close $ask_read;
	close $tell_write;
	# A place of its own for each, then where the script expects them.
	POSIX::dup2(fileno $ask_write, 30);
	POSIX::dup2(fileno $tell_read, 31);
	POSIX::dup2(30, 8);
	POSIX::dup2(31, 9);
	POSIX::close($_) for 30, 31;
	$ENV{TM} = $json->encode({ base => $t->base, source => $src->base, token => $t->token });
	exec 'node', '--test-reporter=tap', $t->root . '/tests/browser/pages.mjs' or POSIX::_exit(127);
}
close $ask_write;
close $tell_read;
$tell_write->autoflush(1);
while (my $line = <$ask_read>) {
	my ($what, @args) = @{$json->decode($line)};
	my $answer = eval { $do{$what}->(@args) };
	print $tell_write $json->encode($@ ? { error => "$@" } : { value => $answer }), "\n";
}
close $tell_write;
waitpid $pid, 0;
exit($? >> 8 || $? & 127);
