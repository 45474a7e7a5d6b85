# The systemd units: understood, and no service more exposed than 1.5 of 10 (systemd-analyze
# security).
use strict;
use warnings;
use Test::More;
use Tidemark::Lint;
use File::Temp ();

plan skip_all => 'systemd is not here' if !grep { -x "$_/systemd-analyze" } split /:/, $ENV{PATH};

# A root of their own: nothing of this machine but the units that ours name.
my $root = File::Temp->newdir;
my $units = "$root/usr/lib/systemd/system";
sub place {
	my ($at, $text, $mode) = @_;
	my ($dir) = $at =~ m{(.*)/};
	system('mkdir', '-p', $dir) == 0 or die;
	open my $f, '>', $at or die "$at: $!";
	print $f $text;
	close $f;
	chmod $mode // 0644, $at;
}
system('mkdir', '-p', $units) == 0 && system('cp', '-R', glob('nginx/systemd/*'), $units) == 0
    or die;
place("$units/$_", "[Unit]\nDescription=$_\n")
    for map { "$_.target" }
    qw(sysinit basic shutdown network network-online sockets paths timers sysinit time-set
    time-sync local-fs);
place("$root$_", "#!/bin/sh\n", 0755)
    for '/bin/rm',
    map { "/usr/lib/tidemark/$_" }
    qw(tidemark tidemark-tick tidemark-worker tidemark-stream tidemark-fcgi);
place("$root/etc/passwd", "tidemark:x:990:990::/:/usr/sbin/nologin\nroot:x:0:0::/:/bin/sh\n");
place("$root/etc/group", "tidemark:x:990:\nwww-data:x:33:\n");

my @services = map { s/\@\.service$/\@1.service/r }
    map { m{([^/]+\.service)$} } glob 'nginx/systemd/*.service';
cmp_ok(scalar @services, '>=', 5, 'the services are found');

sub exposure {
	my ($unit) = @_;
	my $text = `systemd-analyze security --offline=yes --no-pager --root=$root $unit 2>&1`;
	return $text =~ /Overall exposure level for \S+: ([\d.]+)/ ? $1 : "none: $text";
}
for my $s (@services) {
	my $e = exposure($s);
	ok($e =~ /^[\d.]+$/ && $e <= 1.5, "$s: exposure $e");
}
# The measure bites.
place("$units/loose.service", "[Service]\nExecStart=/bin/rm\n");
cmp_ok(exposure('loose.service'), '>', 9, 'a service without any of it is seen');

sub complaints {
	return grep { !/is not executable|Unit \S+ not found|^\s*$/ } split /\n/,
	    `systemd-analyze verify --man=no --recursive-errors=no --root=$root @_ 2>&1`;
}
my @all = (@services, map { m{([^/]+)$} } glob 'nginx/systemd/*.{socket,timer,path,target}');
is_deeply([complaints(@all)], [], 'every unit is understood');
place("$units/wrong.service", "[Service]\nExecStart=/bin/rm\nProtectSistem=strict\n");
cmp_ok(scalar(complaints('wrong.service')), '>', 0, 'a misspelt setting is seen');

# What needs no network has none.
for my $s (grep { /web|hook|migrate/ } @services) {
	my $text = slurp('nginx/systemd/' . $s =~ s/\@1/\@/r);
	like($text, qr/^PrivateNetwork=yes$/m, "$s has no network");
	like($text, qr/^RestrictAddressFamilies=AF_UNIX$/m, "$s has unix sockets only");
}
done_testing;
