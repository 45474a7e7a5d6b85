# Who may include whom. A layer knows only the layers below it, and says so with the directory in the name.
use strict;
use warnings;
use Test::More;
use Tidemark::Lint;

my %below = (
	base => [qw(base)],
	db => [qw(base db)],
	net => [qw(base net)],
	vault => [qw(base vault)],
	oauth => [qw(base net vault oauth)],
	provider => [qw(base net provider)],
	store => [qw(base db store)],
	sync => [qw(base db net vault oauth provider store sync)],
	web => [qw(base web)],
	'cgi-src' => [qw(base db oauth store vault sync web)],
);
# Headers that belong to one directory, although others may include their neighbours.
my %private = ('db/handle.h' => 'db', 'db/turnstile.h' => 'db', 'sql.h' => 'db', 'views.h' => 'cgi-src');

# The worker is the one program that links providers.
my %worker = map { $_ => 1 } map { split } slurp('Makefile') =~ /^WORKER_SRC\s*:=\s*(.*)$/m;

# The complaints about one file.
sub wrong_includes {
	my ($path, $text) = @_;
	my $layer = $path =~ m{^lib/([^/]+)/} ? $1 : (split m{/}, $path)[0];
	my $allowed = $below{$layer} or return ("$path: no layer is called $layer");
	$allowed = [@$allowed, 'provider'] if $worker{$path};
	my @wrong;
	for (bare_c_includes($text)) {
		my ($line, $inc) = @$_;
		if (exists $private{$inc}) {
			push @wrong, "$path:$line: $inc is for $private{$inc} alone" if $private{$inc} ne $layer;
		} elsif ($inc =~ m{^([\w-]+)/[^/]+$}) {
			push @wrong, "$path:$line: $layer must not know $inc" if !grep { $_ eq $1 } @$allowed;
		} elsif ($layer ne 'cgi-src') {
			push @wrong, "$path:$line: $inc is named without its directory";
		}
	}
	return @wrong;
}
sub bare_c_includes {
	my ($n, @found) = 0;
	for (split /\n/, shift) {
		$n++;
		push @found, [$n, $1] if /^\s*#\s*include\s+"([^"]+)"/;
	}
	return @found;
}

# The rule bites.
sub wrong { my @wrong = wrong_includes(@_); return scalar @wrong }
is(wrong('lib/base/x.c', qq{#include "db/db.h"\n}), 1, 'base must not know the database');
is(wrong('lib/provider/x.c', qq{#include "db/db.h"\n#include "net/http.h"\n#include "store/conn.h"\n}), 2, 'providers must not know where data is kept');
is(wrong('lib/sync/x.c', qq{#include "web/req.h"\n#include "db/handle.h"\n#include "spool.h"\n}), 3, 'private headers and bare names are found');
is(wrong('cgi-src/x.c', qq{#include "answer.h"\n#include "provider/provider.h"\n}), 1, 'programs must not know providers');
is(wrong('lib/new/x.c', ''), 1, 'a new layer must be entered here');

my @files = files(qr/\.[ch]$/, 'lib', 'cgi-src');
cmp_ok(scalar @files, '>', 40, 'the files are found');
none_of('every include points downwards', map { wrong_includes($_, slurp($_)) } @files);
none_of('every header is guarded', grep { my $t = slurp($_); /\.h$/ && $t !~ /^#ifndef (\w+)\n#define \1\n/m } @files);
none_of('every file begins with what it owns', grep { slurp($_) !~ m{\A/\*} } @files);

# The program that serves pages does not link what speaks to the world.
sub needs {
	my ($makefile) = @_;
	my ($rule) = $makefile =~ m{^\$\(B\)/tidemark-fcgi:[^\n]*\n((?:\t[^\n]*\n)+)}m;
	return $rule;
}
my $rule = needs(slurp('Makefile'));
ok(defined $rule, 'the rule of tidemark-fcgi is found');
unlike($rule // '', qr/SOURCE_LIBS|-lcurl|-lcsv|-lical/, 'tidemark-fcgi links no source libraries');

done_testing;
