#!/usr/bin/perl
# seconds: 9
# Lists that come in pages, as the world writes them: what ends one, what does not, and what moves
# while it is read. Nothing is deleted because a page was not found. Over HTTP, with real processes.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP;
use Test::More;
use Tidemark;

my $t = Tidemark->start;
my $src = $t->source;
my $n = 0;

sub json_text { return JSON::PP->new->canonical->encode($_[0]) }
sub items { return [map { { id => $_, v => "v$_" } } @_] }

# A name for a list of its own.
sub fresh { return '/p' . ++$n }
sub listed {
	my ($path, %config) = @_;
	my $c = $t->connect(json => $src->url($path), config => \%config);
	return ($c->{id}, $t->wait_run($c->{activeSyncId}));
}

# Sets pages of a list: [path with query, document] each.
sub serve {
	my (@pages) = @_;
	$src->put($_->[0], ref $_->[1] ? json_text($_->[1]) : $_->[1]) for @pages;
}
sub counts {
	my ($r) = @_;
	return $r->{error}{code} if $r->{error};
	return join ' ', map { $r->{stats}{$_} } qw(added updated deleted unchanged)
}
sub codes { my ($r) = @_; return join ' ', sort map { $_->{code} } @{ $r->{warnings} } }
sub ids { return join ' ', sort keys %{ $t->records($_[0]) } }

subtest 'a member with the very name of the setting goes before a path with a dot' => sub {
	my $p = fresh;
	serve(
		[$p => { value => items(1 .. 3), '@odata.nextLink' => $src->url("$p?\$skip=3") }],
		["$p?\$skip=3" => { value => items(4, 5) }]
	);
	my ($id, $r) = listed($p, records => 'value', next => '@odata.nextLink');
	is counts($r), '5 0 0 0';
	is codes($r), '';
};

subtest 'a next page that is set but never seen is told' => sub {
	my $p = fresh;
	serve([$p => { data => items(1 .. 3), nxt => $src->url("$p?2") }],
		["$p?2" => { data => items(4) }]);
	my ($id, $r) = listed($p, records => 'data', next => 'next');
	is counts($r), '3 0 0 0';
	is codes($r), 'next_not_found';
	is codes($t->sync_and_wait($id)), 'next_not_found', 'as long as it is so';
	my ($link, $s) = listed($p, records => 'data', next => 'Link');
	is codes($s), 'next_not_found';
};

subtest 'a next page that is not named any more deletes nothing' => sub {
	my $p = fresh;
	serve([$p => { data => items(1 .. 30), next => $src->url("$p?2") }],
		["$p?2" => { data => items(31 .. 33), next => undef }]);
	my ($id, $r) = listed($p, next => 'next');
	is counts($r), '33 0 0 0';
	serve([$p => { data => items(1 .. 30), nextPage => $src->url("$p?2") }]);
	$r = $t->sync_and_wait($id);
	is counts($r), 'needs_approval', 'few as they are';
	is codes($r), 'next_not_found';
	is scalar(split / /, ids($id)), 33;
	is $t->post("/api/sync/$r->{syncId}/approve", {})->{status}, 202;
	$r = $t->sync_and_wait($id);
	is scalar(split / /, ids($id)), 30, 'unless a person says so';
	serve([$p => { data => items(1 .. 29), next => undef }]);
	is counts($t->sync_and_wait($id)), '0 0 1 29', 'null is an end that is said';
};

subtest 'the ends of lists' => sub {
	my $p = fresh;
	serve(
		[$p => {
			data => items(1 .. 3),
			meta => { next => $src->url("$p?a=3"), has_more => JSON::PP::true }
		}],
		["$p?a=3" => {
			data => items(4, 5),
			meta => { next => $src->url("$p?a=3"), has_more => JSON::PP::false }
		}]
	);
	my ($id, $r) = listed($p, next => 'meta.next', records => 'data');
	is counts($r), '5 0 0 0', 'the last page names itself and says that it is the last';
	$p = fresh;
	serve([$p => { data => items(1 .. 3), next => "$p?a=3" }],
		["$p?a=3" => { data => items(4, 5), next => "$p?a=3" }]);
	($id, $r) = listed($p, next => 'next');
	is counts($r), '5 0 0 0', 'the last page names itself';
	$p = fresh;
	serve([$p => { data => items(1 .. 3), cursor => 'x' }],
		["$p?after=x" => { data => items(4, 5), cursor => 'x' }]);
	($id, $r) = listed($p, next => 'cursor', page_param => 'after');
	is counts($r), '5 0 0 0', 'a token that stays';
	$p = fresh;
	serve([$p => { data => items(1 .. 3), cursor => 'x' }],
		["$p?after=x" => { data => items(1 .. 3), cursor => 'x' }]);
	($id, $r) = listed($p, next => 'cursor', page_param => 'after');
	is counts($r), 'page_loop', 'but not a parameter that the server does not know';
	$p = fresh;
	serve([$p => { data => items(1 .. 3), next => "$p?2" }],
		["$p?2" => { data => [], next => "$p?3" }],
		["$p?3" => { data => [], next => "$p?4" }]);
	($id, $r) = listed($p, next => 'next');
	is counts($r), '3 0 0 0', 'pages without records, for ever';
	$p = fresh;
	serve([$p => { data => items(1 .. 3), next => "$p?2", isLast => JSON::PP::false }],
		["$p?2" => { data => items(4), next => "$p?3", isLast => JSON::PP::true }]);
	($id, $r) = listed($p, next => 'next');
	is counts($r), '4 0 0 0', 'isLast';
};

subtest 'behind the last page of a list that is counted through there may be nothing' => sub {
	for my $status (400, 404, 422) {
		my $p = fresh;
		serve([$p => items(1 .. 3)], ["$p?page=2" => items(4, 5)]);
		$src->put("$p?page=3", '{"error":"no such page"}', status => $status);
		my ($id, $r) = listed($p, next => 'page:page');
		is counts($r), '5 0 0 0', "status $status";
		$src->put("$p?page=2", 'x', status => $status);
		$r = $t->sync_and_wait($id);
		is counts($r), '0 0 2 3', 'the list has become shorter';
	}
	my $p = fresh;
	serve([$p => items(1 .. 3)], ["$p?page=2" => items(4, 5)], ["$p?page=3" => []]);
	my ($id, $r) = listed($p, next => 'page:page');
	is counts($r), '5 0 0 0';
	$src->put("$p?page=2", 'x', status => 404);
	$r = $t->sync_and_wait($id);
	is counts($r), 'needs_approval', 'where it ended with an empty page before, it is asked';
	is codes($r), 'list_ended';
	$src->put("$p?page=2", 'x', status => 500);
	is counts($t->sync_and_wait($id)), 'source_unavailable';
	$p = fresh;
	serve([$p => items(1 .. 3)],
		["$p?page=2" => items(4, 5)],
		["$p?page=3" => items(4, 5)]);
	($id, $r) = listed($p, next => 'page:page');
	is counts($r), '5 0 0 0', 'the last page repeats';
	$p = fresh;
	serve([$p => items(1 .. 3)], ["$p?page=2" => items(1 .. 3)]);
	($id, $r) = listed($p, next => 'page:page');
	is counts($r), 'page_loop', 'the parameter is not known';
};

subtest 'lists are counted through by records' => sub {
	my $p = fresh;
	serve(["$p?limit=3" => { rows => items(1 .. 3) }],
		["$p?limit=3&skip=3" => { rows => items(4 .. 6) }],
		["$p?limit=3&skip=6" => { rows => items(7) }],
		["$p?limit=3&skip=7" => { rows => [] }]);
	my ($id, $r) = listed("$p?limit=3", next => 'offset:skip');
	is counts($r), '7 0 0 0';
};

subtest 'one page of a list that has more is told' => sub {
	my $p = fresh;
	serve([$p => { data => items(1 .. 3), has_more => JSON::PP::true }]);
	my ($id, $r) = listed($p);
	is codes($r), 'more_pages';
	serve([$p => { data => items(2 .. 4), has_more => JSON::PP::true }]);
	$r = $t->sync_and_wait($id);
	is counts($r), '1 0 1 2', 'it is read as it is: the latest of them';
	is codes($r), 'more_pages';
	$p = fresh;
	serve([$p => { data => items(1 .. 3), links => { next => undef } }]);
	($id, $r) = listed($p);
	is codes($r), '';
	serve([$p => { data => items(2 .. 4), links => { next => "$p?2" } }]);
	$r = $t->sync_and_wait($id);
	is counts($r), 'needs_approval', 'what is missing may be on the others';
	like $r->{warnings}[0]{message}, qr/next one at links\.next/;
	$t->post("/api/sync/$r->{syncId}/approve", {});
	$t->sync_and_wait($id);
	serve([$p => { data => items(3 .. 5), links => { next => "$p?2" } }]);
	is counts($t->sync_and_wait($id)), '1 0 1 2', 'once it is answered, it is so';
	$p = fresh;
	serve([$p => { data => items(1 .. 3), total => 3 }]);
	($id, $r) = listed($p);
	is codes($r), '';
	serve([$p => { data => items(2 .. 4), total => 4 }]);
	$r = $t->sync_and_wait($id);
	is counts($r), 'needs_approval', 'it has come to more than one page';
	is codes($r), 'more_pages';
};

subtest 'that a page is one of several is said in many ways' => sub {
	my ($yes, $no) = (JSON::PP::true, JSON::PP::false);
	my %several = (
		'a page of pages' => { page => 1, pages => 9 },
		'below' => { meta => { pagination => { current_page => 1, total_pages => 4 } } },
		'a count' => { '@odata.count' => 7 },
		'another' => { totalCount => 4 },
		'more' => { paging => { more => $yes } },
		'truncated' => { truncated => $yes },
		'a number' => { next_page => 2 },
		'a link' => { _links => { next => { href => '/two' } } },
		'a cursor' => { paging => { next => { after => 'x' } } },
		'a view' => { 'hydra:view' => { 'hydra:next' => '/two' } },
		'an address' => { nextRecordsUrl => '/two' },
		'an offset' => { offset => 'itrX/recY' },
		'a part' => { incomplete_results => $yes }
	);
	my %whole = (
		'the last page' => { page => 9, pages => 9 },
		'pages of a book' => { pages => 320 },
		'a sum' => { total => 99 },
		'all of them' => { totalCount => 3 },
		'no more' => { more => $no, truncated => $no },
		'no number' => { next_page => 0 },
		'no link' => { _links => { self => { href => '/one' }, next => undef } },
		'no cursor' => { paging => { next => { after => undef } } },
		'this offset' => { offset => '20' },
		'all parts' => { incomplete_results => $no }
	);
	for my $what (sort keys %several) {
		my $p = fresh;
		serve([$p => { data => items(1 .. 3), %{ $several{$what} } }]);
		my ($id, $r) = listed($p);
		is codes($r), 'more_pages', $what;
	}
	for my $what (sort keys %whole) {
		my $p = fresh;
		serve([$p => { data => items(1 .. 3), %{ $whole{$what} } }]);
		my ($id, $r) = listed($p);
		is codes($r), '', $what;
	}
	my $p = fresh;
	serve(map { ["$p?page=$_" => { rows => items($_ < 4 ? $_ : ()), more => $no }] } 1 .. 4);
	my ($id, $r) = listed("$p?page=1", next => 'page:page');
	is counts($r), '3 0 0 0', 'a hint ends no list';
};

subtest 'a list that moves while its pages are read deletes nothing' => sub {
	my $p = fresh;
	my $page = sub {
		my ($k, $total, @ids) = @_;
		my $next = $k < 3 ? "$p?page=" . ($k + 1) : undef;
		return ["$p?page=$k" => { total => $total, data => items(@ids), next => $next }]
	};
	serve($page->(1, 7, 1 .. 3), $page->(2, 7, 4 .. 6), $page->(3, 7, 7));
	my ($id, $r) = listed("$p?page=1", next => 'next', key => 'id');
	is counts($r), '7 0 0 0';
	serve($page->(1, 7, 1 .. 3), $page->(2, 6, 5 .. 7), $page->(3, 6));
	$r = $t->sync_and_wait($id);
	is counts($r), '0 0 0 6';
	is $r->{stats}{fetched}, 6;
	is codes($r), 'moved_while_read';
	is ids($id), '1 2 3 4 5 6 7';
	serve($page->(1, 6, 2 .. 4), $page->(2, 6, 5 .. 7), $page->(3, 6));
	is counts($t->sync_and_wait($id)), '0 0 1 6', 'the next read deletes what is gone';
	serve($page->(1, 6, 2 .. 4), $page->(2, 6, 6, 7), $page->(3, 6));
	$r = $t->sync_and_wait($id);
	is counts($r), '0 0 0 5', 'fewer than there are';
	is codes($r), 'moved_while_read';
	serve($page->(1, 6, 2 .. 4), $page->(2, 6, 6), $page->(3, 6));
	is counts($t->sync_and_wait($id)), 'needs_approval', 'once more is not by moving';
};

subtest 'an item that comes on two pages is one record' => sub {
	my $p = fresh;
	my $pages = sub {
		my ($k, @pages) = (0, @_);
		return map {
			my $next = ++$k < @pages ? "$p?p=" . ($k + 1) : undef;
			[$k > 1 ? "$p?p=$k" : $p => { data => items(@$_), next => $next }]
		} @pages
	};
	serve($pages->([1 .. 3], [3 .. 5], [5, 6]));
	my ($id, $r) = listed($p, next => 'next');
	is counts($r), '6 0 0 0', 'in the first read';
	is codes($r), 'met_twice';
	is $r->{stats}{fetched}, 6;
	serve($pages->([0 .. 2], [2 .. 4], [5, 6]));
	$r = $t->sync_and_wait($id);
	is counts($r), '1 0 0 6', 'one that was put before them';
	is ids($id), '0 1 2 3 4 5 6';
	serve($pages->([7, 8, 8], [8, 9], [0 .. 6]));
	$r = $t->sync_and_wait($id);
	is counts($r), '4 0 0 7', 'twice on one page are two';
	is codes($r), 'key_repeated met_twice';
	is ids($id), '0 1 2 3 4 5 6 7 8 8#2 9';
};

done_testing;
