#!/usr/bin/perl
# seconds: 14
# nginx/pool keeps processes at work, and does not wear the machine out with those that cannot.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Tidemark;

my $t = Tidemark->start(web => 0);
my $n = 0;

# The program notes each of its starts and does what stands in the file beside it.
sub pool {
	my ($count, $does) = @_;
	my $base = "$t->{dir}/pool" . ++$n;
	my %p = (does => "$base.does", starts => "$base.starts", out => "$base.out");
	write_file($p{does}, $does);
	write_file("$base.sh", "#!/bin/sh\necho \$\$ >>$p{starts}\n. $p{does}\n");
	chmod 0755, "$base.sh";
	$p{pid} = spawn(
		[$^X, $t->root . '/nginx/pool', "$base.sock", $count, "$base.sh"],
		out => $p{out}, err => $p{out}
	);
	push @{ $t->{pids} }, $p{pid};
	return \%p;
}

sub write_file {
	my ($path, $text) = @_;
	open my $f, '>', "$path.new" or die "$path: $!";
	print {$f} $text;
	close $f or die "$path: $!";
	rename "$path.new", $path or die "$path: $!";
}
sub said { -e $_[0]{out} ? file_text($_[0]{out}) : '' }
sub starts { -e $_[0]{starts} ? scalar(() = file_text($_[0]{starts}) =~ /\n/g) : 0 }
sub living {
	my ($p) = @_;
	return grep { kill 0, $_ } -e $p->{starts} ? split ' ', file_text($p->{starts}) : ();
}

subtest 'those that a request has killed are replaced at once, however many' => sub {
	my $p = pool(2, "exec sleep 600\n");
	for my $round (1 .. 10) {
		ok wait_for { 2 == living($p) }, "two at work, round $round" or return;
		kill 'KILL', living($p);
	}
	ok wait_for { 2 == living($p) };
	is said($p), '', 'without a word';
};

subtest 'and so are those that have served their number' => sub {
	my $p = pool(2, "exit 0\n");
	ok wait_for { starts($p) >= 20 };
	is said($p), '';
};

subtest 'where each gives up as it is started, there is a rest, and a sentence about it' => sub {
	my $p = pool(3, "exit 69\n");
	ok wait_for { said($p) =~ /the lines above say why/ };
	# Six that gave up, and what was under way by then.
	ok !wait_for(sub { starts($p) > 12 }, 2), 'after few tries there are none for a while';
	write_file($p->{does}, "exec sleep 600\n");
	ok wait_for(sub { 3 == living($p) }, 30), 'all are at work when they can be';
	is scalar(() = said($p) =~ /tried every 10 seconds/g), 1, 'told once';
};

$t->stop;
done_testing;
