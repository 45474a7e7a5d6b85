# Notion.pm - a workspace of the stand-in's Notion (Tidemark::Google starts the stand-in), and what
# a person does in it through Notion's own interface.
#
#	my ($g, $n, $t) = Tidemark::Notion->beside;  # with the product, which has a key for it
#	my $n = Tidemark::Notion->new($g);           # with an internal connection, token "ntn_test"
#	my $source = $n->source('Tasks', { Done => { checkbox => {} } });
#	my $page = $n->page($source, 'Tea', Done => { checkbox => JSON::PP::true });
#	$n->edit($page, Name => $n->title('Pot'));
package Tidemark::Notion;

use strict;
use warnings;
use JSON::PP ();
use Tidemark::Json;
use Tidemark;
use Tidemark::Google;

my $JSON = Tidemark::Json->new->utf8->canonical->allow_nonref;

sub new {
	my ($class, $g, %o) = @_;
	my $self = bless { g => $g, token => $o{token} // 'ntn_test', person => 'person' }, $class;
	$self->{root} =
	    $g->control({ notion => { token => $self->{token}, name => 'Tidemark test' } })->{page};
	$g->control({ notion_user => { token => 'person', name => 'Paula' } });
	return $self;
}

# The stand-in, a workspace in it, and the product beside it, without anything that would make a
# test wait: neither of them counts calls. env: settings of the product, undef takes one away.
sub beside {
	my ($class, %env) = @_;
	my $g = Tidemark::Google->start;
	my $n = $class->new($g);
	my %all = (
		$g->env, $n->env, NOTION_API_KEY => $n->{token}, TIDEMARK_RETRY_MS => 2,
		TIDEMARK_NOTION_CALLS => 100000, TIDEMARK_NOTION_CALLS_ALL => 100000, %env
	);
	delete @all{ grep { !defined $all{$_} } keys %all };
	my $t = Tidemark->start(env => \%all);
	$g->control({ quota => { notion => { user => 0 } } });
	return ($g, $n, $t);
}

sub root { return $_[0]{root} }
sub env {
	my ($self) = @_;
	return (
		NOTION_API_BASE => $self->{g}->base . '/fake/notion', NOTION_CLIENT_ID => 'client',
		NOTION_CLIENT_SECRET => 'secret'
	);
}

sub call {
	my ($self, $method, $path, $body, %o) = @_;
	my $r = $self->{g}{http}->request(
		$method,
		$self->{g}->base . "/fake/notion/v1$path",
		{
			headers => {
				authorization => 'Bearer ' . ($o{token} // $self->{person}),
				'notion-version' => '2025-09-03',
				'content-type' => 'application/json'
			},
			defined $body ? (content => $JSON->encode($body)) : ()
		}
	);
	die "Notion answered $method $path with $r->{status} $r->{content}"
	    if $r->{status} != 200 && !$o{any};
	return $JSON->decode($r->{content});
}

sub text { return [{ text => { content => $_[1] } }] }
sub title { my ($self, $text) = @_; return { title => $self->text($text) } }

# A database with one data source, whose id is given; the title is called Name.
sub source {
	my ($self, $title, $properties) = @_;
	my $d = $self->call(
		POST => '/databases',
		{
			parent => { type => 'page_id', page_id => $self->{root} },
			title => $self->text($title),
			initial_data_source => {
				properties => { Name => { title => {} }, %{ $properties // {} } }
			}
		}
	);
	$self->{database} = $d->{id};
	return $d->{data_sources}[0]{id};
}

sub page {
	my ($self, $source, $title, %properties) = @_;
	return $self->call(
		POST => '/pages',
		{
			parent => { data_source_id => $source },
			properties => { Name => $self->title($title), %properties }
		}
	)->{id};
}

sub edit {
	my ($self, $page, %properties) = @_;
	return $self->call(PATCH => "/pages/$page", { properties => \%properties });
}

sub trash {
	my ($self, $page, $in) = @_;
	return $self->call(PATCH => "/pages/$page",
		{ in_trash => $in // 1 ? JSON::PP::true : JSON::PP::false });
}

sub schema {
	my ($self, $source, %properties) = @_;
	return $self->call(PATCH => "/data_sources/$source", { properties => \%properties });
}

# The calls that the product made, with its token: "GET /v1/...".
sub calls {
	my ($self) = @_;
	return map { "$_->{method} $_->{path}" }
	    grep { ($_->{token} // '') eq $self->{token} } @{ $self->{g}->state->{log} };
}
sub forget { $_[0]{g}->control({ reset => JSON::PP::true }) }

# What those workers had who died up to then is free at once, and what is not known is looked at
# without waiting until a page is sure to show, which it is here: the stand-in has done what reached
# it. A lease of somebody who lives is left alone: it ends later than any that was taken before.
use constant { LEASE_MS => 180_000, UNSURE_MS => 120_000 };
sub hurry {
	my ($self, $t, $dead_at) = @_;
	# It answers when it has dealt with all that came before.
	$self->{g}->control({});
	my $until = int($dead_at * 1000) + LEASE_MS;
	$t->sql("UPDATE outbox SET next_at = 1 WHERE state IN ('unsure', 'waiting') AND next_at > 1
		OR state = 'sending' AND next_at <= $until + CASE WHEN mark IS NOT NULL AND EXISTS
			(SELECT 1 FROM link l WHERE l.id = outbox.link_id AND l.remote_id IS NULL)
			THEN @{[UNSURE_MS]} ELSE 0 END");
	for (split /\n/, $t->sql('SELECT id || char(9) || pid FROM lane WHERE due_at > 1')) {
		my ($id, $pid) = split /\t/;
		next if $pid && kill 0, $pid;
		$t->sql("UPDATE lane SET due_at = 1, pid = 0 WHERE id = '$id' AND pid = $pid");
	}
	return;
}

1;
