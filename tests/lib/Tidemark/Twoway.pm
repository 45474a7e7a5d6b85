package Tidemark::Twoway;
# Events that have a twin at a connection, and what is asked about them, as rows: without any
# provider that would make them.
use strict;
use warnings;
use Exporter 'import';
use Tidemark;
our @EXPORT = qw(made twin_of conflict_of item_of);
our @EXPORT_OK = qw(somebody);

my $n = 0;
sub id { return sprintf '%08x-0000-7000-8000-%012x', time, ++$n }

sub quoted {
	my ($v) = @_;
	return 'NULL' if !defined $v;
	$v = JSON::PP->new->canonical->encode($v) if ref $v;
	return "'" . ($v =~ s/'/''/gr) . "'";
}
sub insert {
	my ($t, $table, %row) = @_;
	my @names = sort keys %row;
	$t->sql("INSERT INTO $table (" . join(', ', @names) . ') VALUES ('
		. join(', ', map { quoted($row{$_}) } @names) . ')');
	return $row{id};
}

# An event by the interface: its id.
sub made {
	my ($t, %event) = @_;
	my $r = $t->post(
		'/api/events',
		{
			title => 'Tea', startDateTime => '2026-10-05T10:00:00+02:00',
			endDateTime => '2026-10-05T11:00:00+02:00', timeZone => 'Europe/Berlin',
			%event
		}
	);
	die "no event: $r->{content}" if $r->{status} != 201;
	return $r->{json}{event}{id};
}

# What somebody else does in the calendars of ann@example.com, at the stand-in for Google: its
# answer, or all of it where that is empty.
sub somebody {
	my ($g, $method, $path, $body) = @_;
	$g->control({
		token => {
			value => 'somebody', email => 'ann@example.com',
			scope => 'https://www.googleapis.com/auth/calendar.events'
		}
	});
	my $r = $g->{http}->request(
		$method,
		$g->base . "/fake/api/$path",
		{
			headers => {
				authorization => 'Bearer somebody',
				'content-type' => 'application/json'
			},
			$body ? (content => JSON::PP->new->utf8->encode($body)) : ()
		}
	);
	return length($r->{content} // '') ? json($r->{content}) : $r;
}

# Its link at the connection, agreed on as the event is now: the link's id.
sub twin_of {
	my ($t, $event, $conn, %link) = @_;
	my $id = id();
	return insert(
		$t, 'link', id => $id,
		owner => $t->sql("SELECT owner FROM event WHERE id = '$event'"),
		connection_id => $conn, object_kind => 'event', object_key => $event,
		remote_id => "r-$id", etag => '"1"', state => 'synced', created_at => 1,
		updated_at => 1, last_synced_at => 1,
		base => $t->sql("SELECT value FROM event WHERE id = '$event'"), %link
	);
}

# What is asked about a link: the conflict's id. fields: [{field, base, local, remote}].
sub conflict_of {
	my ($t, $link, $fields, %row) = @_;
	my ($owner, $conn, $event) = split /\|/,
	    $t->sql("SELECT owner, connection_id, object_key FROM link WHERE id = '$link'");
	$t->sql("UPDATE link SET state = 'conflict' WHERE id = '$link'");
	return insert(
		$t, 'conflict', id => id(), owner => $owner, link_id => $link,
		connection_id => $conn, object_kind => 'event', object_key => $event,
		policy => 'ask', state => 'open', fields => $fields, kept => {},
		detected_at => 1_790_000_000_000, %row
	);
}

# Something to be sent of a link: the item's id.
sub item_of {
	my ($t, $link, %row) = @_;
	my ($owner, $conn) =
	    split /\|/, $t->sql("SELECT owner, connection_id FROM link WHERE id = '$link'");
	return insert(
		$t, 'outbox', id => id(), owner => $owner, link_id => $link,
		connection_id => $conn, op => 'put', state => 'waiting',
		next_at => 9_000_000_000_000, created_at => 1, updated_at => 1, %row
	);
}

1;
