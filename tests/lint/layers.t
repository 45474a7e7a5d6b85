# Who may include whom. A layer knows only the layers below it, and says so with the directory in
# the name.
use strict;
use warnings;
use Test::More;
use Tidemark::Lint;

# The floors of the house, from the ground up; each knows itself and what stands beside its name.
my %below = (
	base => [],
	table => [qw(base)],
	agree => [qw(base)],
	event => [qw(base agree)],
	db => [qw(base)],
	net => [qw(base)],
	vault => [qw(base)],
	kind => [qw(base net)],
	ask => [qw(base)],
	oauth => [qw(base net vault)],
	provider => [qw(base net table agree event kind)],
	store => [qw(base db)],
	seal => [qw(base db vault store)],
	profile => [qw(base db kind store)],
	queue => [qw(base db vault agree event kind store seal)],
	access => [qw(base db net vault oauth kind store seal queue)],
	send => [qw(base db net vault kind provider profile store seal queue access)],
	sync => [
		qw(base db table agree event kind provider profile store seal queue access)
	],
	app => [
		qw(base db net vault agree event oauth kind profile store seal queue access),
		qw(send ask)
	],
	web => [qw(base)],
	'cgi-src' =>
	    [qw(base db event table vault oauth kind store seal queue access send app ask web)],
);
# Headers that belong to one directory, although others may include their neighbours.
my %private = (
	'db/handle.h' => 'db', 'db/driver.h' => 'db', 'db/sqlite.h' => 'db', 'db/turn.h' => 'db',
	'sql.h' => 'db',
	'sql_texts.h' => 'db', 'views.h' => 'cgi-src', 'assets.h' => 'cgi-src'
);
# The one program that fetches, parses and writes.
my @worker = qw(provider sync);
# What a room of cgi-src may know beside the verbs, and rows to show. Pages reach nothing else:
# what they do is done in lib/app.
my @show = qw(base db event kind store queue app web);
my %room = (
	worker => [@{ $below{'cgi-src'} }, @worker],
	tick => [@show],
	ctl => [@show, qw(vault seal)],    # the key of everything is the operator's
	fcgi => [@show, 'ask'],            # it starts the broker
	receive => [@show, 'ask'],         # a call of a service wakes the tick
	# what was used of quotas; words of providers of logins; a place to wait in
	conn => [@show, qw(access oauth ask)],
	# a place to wait in
	calendar => [@show, 'ask'],
	events => [@show, 'ask'],
	logins => [@show, 'oauth'],        # the address that a provider must know
);
# Rooms of cgi-src that every other one may use; beside these a room knows only itself.
my %shared = map { $_ => 1 } qw(fcgi skin);

# The complaints about one file.
sub wrong_includes {
	my ($path, $text) = @_;
	my ($layer, $room) =
	      $path =~ m{^lib/([^/]+)/} ? ($1, '')
	    : $path =~ m{^(cgi-src)/(?:([^/]+)/)?} ? ($1, $2 // '')
	    : ($path, '');
	my $allowed = $below{$layer} or return ("$path: no layer is called $layer");
	$allowed = [$layer eq 'cgi-src' ? @{ $room{$room} // \@show } : @$allowed, $layer];
	my @wrong;
	for (bare_c_includes($text)) {
		my ($line, $inc) = @$_;
		my ($dir) = $inc =~ m{^([\w-]+)/};
		if (exists $private{$inc}) {
			push @wrong, "$path:$line: $inc is for $private{$inc} alone"
			    if $private{$inc} ne $layer;
		} elsif (!defined $dir) {
			push @wrong, "$path:$line: $inc is named without its directory";
		} elsif ($layer eq 'cgi-src' && -d "cgi-src/$dir") {
			push @wrong, "$path:$line: $room must not know $inc"
			    if $dir ne $room && !$shared{$dir};
		} elsif (!grep { $_ eq $dir } @$allowed) {
			push @wrong, "$path:$line: $layer must not know $inc";
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
is(
	wrong(
		'lib/provider/x.c',
		qq{#include "db/db.h"\n#include "net/http.h"\n#include "store/conn.h"\n}
	),
	2,
	'providers must not know where data is kept'
);
is(
	wrong(
		'lib/sync/read/x.c',
		qq{#include "web/req.h"\n#include "db/handle.h"\n#include "spool.h"\n}
	),
	3,
	'private headers and bare names are found'
);
is(
	wrong(
		'lib/queue/x.c',
		qq{#include "access/quota.h"\n#include "send/deliver.h"\n#include "store/conn.h"\n}
	),
	2,
	'the queue must not know who spends and who sends'
);
is(
	wrong('lib/send/x.c', qq{#include "sync/progress.h"\n}) +
	    wrong('lib/sync/x.c', qq{#include "send/deliver.h"\n}), 2,
	'sending and syncing do not know each other'
);
is(
	wrong('cgi-src/conn/x.c', qq{#include "sync/engine.h"\n#include "provider/provider.h"\n}),
	2,
	'programs must not know providers and the engine'
);
is(
	wrong(
		'cgi-src/people/x.c',
		join '',
		map { qq{#include "$_.h"\n} } qw(seal/secret vault/vault ask/ask app/people)
	),
	3,
	'pages do nothing themselves'
);
is(
	wrong('cgi-src/worker/x.c', qq{#include "sync/engine.h"\n#include "provider/provider.h"\n}),
	0,
	'but for the worker'
);
is(
	wrong(
		'cgi-src/conn/x.c',
		qq{#include "people/people.h"\n#include "skin/page.h"\n#include "conn/model.h"\n}
	),
	1,
	'a room of pages knows the shared ones and itself'
);
is(wrong('lib/new/x.c', ''), 1, 'a new layer must be entered here');

my @files = files(qr/\.[ch]$/, 'lib', 'cgi-src');
cmp_ok(scalar @files, '>', 40, 'the files are found');
none_of('every include points downwards', map { wrong_includes($_, slurp($_)) } @files);
none_of(
	'every header is guarded',
	grep { my $t = slurp($_); /\.h$/ && $t !~ /^#ifndef (\w+)\n#define \1\n/m } @files
);
none_of('every file begins with what it owns', grep { slurp($_) !~ m{\A/\*} } @files);

# The program that serves pages does not link what speaks to the world.
sub needs {
	my ($makefile) = @_;
	my ($rule) = $makefile =~ m{^\$\(B\)/tidemark-fcgi:[^\n]*\n((?:\t[^\n]*\n)+)}m;
	return $rule;
}
my $rule = needs(slurp('Makefile'));
ok(defined $rule, 'the rule of tidemark-fcgi is found');
unlike($rule // '', qr/SOURCE_LIBS|-lcurl/, 'tidemark-fcgi links no source libraries');

done_testing;
