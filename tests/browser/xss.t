# seconds: 45
# Everything that a source, a user or an address can say, said as an attack (tests/table/xss.txt):
# two private Tidemarks are filled alike, one with plain words, one with these. xss.mjs parses
# every page of both and opens those of the second one in a real browser.
use strict;
use warnings;
use utf8;
use lib 'tests/lib';
use File::Temp ();
use JSON::PP;
use Tidemark;
use Tidemark::Browser;

open my $list, '<:encoding(UTF-8)', Tidemark->root . '/tests/table/xss.txt' or die $!;
chomp(my @payloads = <$list>);
my %words =
    (plain => [map { sprintf 'plain words %02d', $_ } 0 .. $#payloads], hostile => \@payloads);
my (%world, %form);

sub csv {
	return join '', map {
		join(',', map { '"' . s/"/""/gr . '"' } @$_) . "\r\n"
	} @_
}
sub ics {
	return join '', map { s/([\\;,])/\\$1/gr } @_
}
# A name that turns the direction of text is refused (ways_in.t).
sub straight {
	my ($s) = @_;
	return $s =~ s/[\x{202a}-\x{202e}\x{2066}-\x{2069}]/~/gr;
}
# A query as a hostile user types it: what an address may not have is escaped, the rest is not.
sub typed {
	my ($s) = @_;
	utf8::encode($s);
	return $s =~ s/([\x00-\x20\x7f-\xff\\&#%+"<>])/sprintf '%%%02X', ord $1/ger
}
sub escaped {
	my ($s) = @_;
	utf8::encode($s);
	return $s =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ger
}

# A Tidemark whose every text is one of these words.
sub fill {
	my ($kind) = @_;
	my @w = @{ $words{$kind} };
	my $t = Tidemark->start(web => 2, hook => 0, env => { TIDEMARK_WORKERS => 8 });
	my $src = $t->source;
	my (@conn, @run);
	my $add = sub {
		my ($provider, $path, $name, $config, %more) = @_;
		my $r = $t->post(
			'/api/connections',
			{
				provider => $provider, name => straight($name),
				config => { url => $src->url($path), %$config }, %more
			}
		);
		die "$kind: $r->{status} $r->{content}" if $r->{status} != 201;
		push @conn, $r->{json}{id};
		return $r->{json}{activeSyncId};
	};
	for my $i (0 .. $#w) {
		# Each is a name once; a table shows two of them as header, key and cell, and has
		# them in its address; a calendar, a list, one that fails because of it.
		my ($w, $v) = @w[$i, ($i + 1) % @w];
		my $as_json = { list => [{ id => 1, "k $w" => $w, deep => { $w => [$w] } }] };
		$src->put("/$i.csv", csv(['id', $w, "b $v"], map { ["$_ $w", $v, "$_"] } 10 .. 30));
		$src->put(
			"/$i.ics",
			"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//\x{17f}//y//EN\r\n"
			    . "X-WR-CALNAME:"
			    . ics($w)
			    . "\r\nBEGIN:VEVENT\r\nUID:u$i\r\nDTSTAMP:20260101T000000Z\r\n"
			    . "DTSTART:20260101T100000Z\r\nSUMMARY:"
			    . ics($w)
			    . "\r\nLOCATION:"
			    . ics($v)
			    . "\r\nDESCRIPTION:"
			    . ics($w)
			    . "\r\nORGANIZER;CN=\"x\":mailto:a\@b.example\r\nURL:"
			    . ics($w)
			    . "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
		);
		$src->put("/$i.json", JSON::PP->new->utf8->encode($as_json));
		$src->put(
			"/$i.fail", $w, status => 500, type => "text/$i",
			headers => { 'Retry-After' => '3600' }
		);
		push @run,
		      $i % 2 == 0 ? $add->(csv => "/$i.csv?q=" . typed($w), $w, { key => 'id' })
		    : $i % 8 == 1 ? $add->(csv => "/$i.csv", $w, { key => "no $w" })
		    : $i % 8 == 3 ? $add->(ical => "/$i.ics", $w, {})
		    : $i % 8 == 5
		    ? $add->(json => "/$i.json", $w, { records => 'list', key => 'id' })
		    : $add->(csv => "/$i.fail", $w, {});
		$t->post(
			'/api/tokens',
			{ name => substr($w =~ s/[^ -~]//gr, 0, 100), scopes => ['read'] }
		);
	}
	# Events whose every text is a word, one of them after the other.
	my @event;
	for my $i (0 .. $#w) {
		my ($w, $v) = map { substr s/[\x00-\x1f\x7f]//gr . '.', 0, 300 }
		    @w[$i, ($i + 1) % @w];
		my $day = sprintf '2020-10-%02d', $i % 28 + 1;
		my $e = $t->post(
			'/api/events',
			{
				title => $w, location => $v, description => $w, notes => $v,
				timeZone => 'UTC',
				startDateTime => "${day}T10:00:00", endDateTime => "${day}T12:00:00"
			}
		)->{json}{event}{id} // die "no event: $w";
		# As a provider may call it.
		my $color = substr($w, 0, 40) =~ s/'/''/gr;
		$t->sql("UPDATE event SET value = json_set(value, '\$.color', '$color') "
			    . "WHERE id = '$e'");
		$t->put("/api/events/$e", { title => $v, description => undef });
		push @event, $e;
	}
	$t->wait_run($_) for @run;
	# Now most rows are gone: a question that shows their keys.
	$src->put("/$_.csv", csv(['id', $w[$_], "b $w[$_]"], ["10 $w[$_]", 'x', '10']))
	    for 0 .. $#w;
	my @asked = map {
		my $id = $_;
		wait_for {
			my $r = $t->post('/api/sync', { connectionId => $id });
			$r->{status} == 202 ? $r->{json}{syncId} : undef
		}
	} @conn[map { $_ * 2 } 0 .. 12];
	$t->wait_run($_) for @asked;
	my $s = $t->sign_in('admin');
	# The words as the browser of a person, and as what the page before said.
	my $cookie = $s->{cookie} . '; tidemark-say=';
	my @page;
	my $get = sub {
		my ($name, $path, $w) = @_;
		my $r = $t->get(
			$path,
			token => undef,
			headers => {
				cookie => $cookie . escaped($w // 'x'),
				'user-agent' => ($w // 'x') =~ s/[^ -~]//gr
			}
		);
		push @page, [$name, $r->{content}, $path, $r->{status}]
	};
	my $post = sub {
		my ($name, $path, $form) = @_;
		my $r = $t->post(
			$path, undef, token => undef, headers => { cookie => $s->{cookie} },
			form => { csrf => $s->{csrf}, %$form }
		);
		push @page, [$name, $r->{content}, undef, $r->{status}]
	};
	for my $path (
		'/', '/settings', '/settings?tab=tokens', '/settings?tab=users',
		'/settings?tab=account', '/settings?tab=activity', '/settings?tab=webhooks',
		'/integrations-overview', '/integrations-overview?page=2'
	) {
		# With the pages behind it.
		my $next = $path;
		while (defined $next) {
			$get->($path, $next);
			($next) = $page[-1][1] =~ /rel="next" href="([^"]*)"/;
			$next =~ s/&amp;/&/g if defined $next;
		}
	}
	$get->("calendar $_", "/calendar?date=2020-10-05&view=$_") for qw(month week agenda);
	$get->("event $_", "/events/$event[$_]") for 0 .. $#event;
	$get->("event $_ edit", "/events/$event[$_]/edit") for 0 .. $#event;
	$get->("connection $_", "/connections/$conn[$_]", $w[$_ % @w]) for 0 .. $#conn;
	$get->("remove $_", "/connections/$conn[$_]/remove") for 0 .. 20;
	$get->("sync $_", "/syncs/$run[$_]") for 0 .. $#run;
	$get->("question $_", "/syncs/$asked[$_]") for 0 .. $#asked;
	for my $i (0 .. $#w) {
		my ($w, $e) = ($w[$i], escaped($w[$i]));
		$get->("echo $i $_->[0]", $_->[1])
		    for ['tab', "/settings?tab=$e&add=csv&name=$e&url=$e"],
		    ['add', "/settings?add=$e"], $i % 4 ? () : ['next', "/sign-in?next=$e"],
		    ['path', "/$e"], ['id', "/connections/$e"], ['sync', "/syncs/$e"],
		    ['query', "/?$e=$e"], ['static', "/static/$e"];
		$post->(
			"form $i add", '/settings/add',
			{ provider => 'csv', name => $w, url => $w, key => $w, do => 'preview' }
		) if $i % 2 == 0;
		$post->(
			"form $i provider", '/settings/add',
			{ provider => $w, name => $w, do => 'connect' }
		) if $i % 3 == 0;
		$post->(
			"form $i edit", "/connections/$conn[0]",
			{ do => 'edit', name => $w, url => $w, key => $w, authorization => $w }
		) if $i % 2;
		$post->(
			"form $i schedule",
			"/connections/$conn[0]",
			{
				do => 'schedule', frequency => $w, intervalMinutes => $w,
				rrule => $w, timeZone => $w
			}
		) if $i % 3 == 1;
		$post->(
			"form $i event",
			'/calendar/new',
			{
				map { ($_ => $w) } qw(startDate endDate startTime endTime zone
				    repeat every until count lines
				    by ends days color status startWas)
			}
		) if $i % 3 == 1;
		$post->("form $i zone", '/calendar', { zone => $w, back => $w }) if $i % 3 == 2;
		$post->(
			"form $i overtaken", "/events/$event[$i]/edit",
			{
				base => JSON::PP->new->encode({ title => $w, notes => $w }),
				title => $w, notes => "$w ", location => $w
			}
		) if $i % 3 == 0;
		$post->("form $i token", '/settings/tokens', { do => 'make', name => $w x 20 })
		    if $i % 3 == 2;
		$post->("form $i user", '/settings/users',
			{ do => 'add', name => straight($w) =~ s/\s//gr })
		    if $i % 3 == 0;
	}
	$world{$kind} = {
		t => $t, pages => \@page, cookie => $s->{cookie}, conn => \@conn, run => \@run,
		asked => \@asked, source => $src->base
	};
}
# The plain one is filled at the same time, by a process of its own.
my $dir = File::Temp->newdir;
sub keep {
	my ($kind) = @_;
	my $n = 0;
	for (@{ $world{$kind}{pages} }) {
		open my $f, '>:raw', "$dir/$kind-" . $n++ or die $!;
		print $f $_->[1] // '';
	}
	open my $f, '>:raw', "$dir/$kind.json" or die $!;
	print $f JSON::PP->new->utf8->encode(
		[map { { name => $_->[0], status => $_->[3] } } @{ $world{$kind}{pages} }]);
}
my $child = fork // die $!;
if (!$child) {
	fill('plain');
	keep('plain');
	exit 0;
}
fill('hostile');
keep('hostile');
waitpid $child, 0;
die 'the plain one could not be filled' if $?;
my $h = $world{hostile};
my @paths = map { $_->[2] // () } @{ $h->{pages} };
open my $plan, '>:raw', "$dir/plan.json" or die $!;
print $plan JSON::PP->new->utf8->encode({
	payloads => \@payloads, base => $h->{t}->base, cookie => $h->{cookie},
	source => $h->{source},
	open => [
		'/settings?tab=integrations', '/integrations-overview',
		(map { "/connections/$_" } @{ $h->{conn} }[0, 1, 3, 5, 14, 24]),
		(map { "/syncs/$_" } @{ $h->{asked} }[0, 7]), "/connections/$h->{conn}[4]/remove",
		@paths[2 .. 6],
		(grep { m{tab=%3Cs|/%3Cs} } @paths)[0 .. 3]
	]
});
close $plan;
$ENV{TM_XSS} = "$dir";
exit Tidemark::Browser::run_alone(Tidemark->root . '/tests/browser/xss.mjs');
