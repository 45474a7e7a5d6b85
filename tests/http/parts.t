# seconds: 25
# nginx/run.sh: a part that is killed is started again, what a killed runner leaves is ended by the
# next one, and it gives up only when a part ends again and again.
use strict;
use warnings;
use Test::More;
use Tidemark;

my $t = Tidemark->start(web => 0);
my $root = $t->root;
my $http = HTTP::Tiny->new(timeout => 10, keep_alive => 0);
my $base = File::Temp->newdir('tmXXXXXX', TMPDIR => 1);
chmod 0755, "$base";
$ENV{TIDEMARK_USER} = 'nobody' if !$>;
my $home = "$base/home";
my $port = do {
	my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 1) or die;
	$s->sockport
};

my $n = 0;
sub runner {
	my (%o) = @_;
	my $out = "$t->{dir}/runner" . ++$n;
	my $pid = spawn(
		['/bin/sh', "$root/nginx/run.sh", $o{build} // $t->build],
		out => $out, err => $out,
		env => {
			PATH => "$ENV{PATH}:/usr/sbin:/sbin", APP_URL => '', PORT => $port,
			TIDEMARK_HOME => $home
		}
	);
	push @{ $t->{pids} }, $pid;
	wait_for { -e $out };
	return ($pid, $out);
}
sub up { my ($out) = @_; return wait_for { file_text($out) =~ /Tidemark is up/ } 20 }
sub serves { return $http->get("http://127.0.0.1:$port/healthz")->{status} == 200 }

# Of a process that may be gone meanwhile.
sub of_proc {
	open my $f, '<', $_[0] or return '';
	local $/;
	return <$f> // '';
}

# The processes with this state: name to pids. The name is that of the program, or its first word.
sub parts {
	my %of;
	for my $dir (glob '/proc/[0-9]*') {
		my ($pid) = $dir =~ /(\d+)/;
		next if !-d $dir || $pid == $$;
		my ($cmd, $stat) = map { of_proc("$dir/$_") } qw(cmdline stat);
		my ($comm, $state, $parent) = $stat =~ /^\d+ \((.*)\) (\S) (\d+)/s or next;
		next if $state eq 'Z';
		my $cwd = readlink "$dir/cwd" // '';
		my $name =
		      $comm eq 'nginx' ? $cmd =~ /^nginx: (master|worker)/ ? "nginx-$1" : next
		    : $cmd =~ m{nginx/pool\0.*/(web|wait|hook|stream)\.sock} ? "pool-$1"
		    : $comm;
		push @{ $of{$name} }, $pid
		    if $cmd =~ /\Q$home\E/ || $cwd eq "$home/run" || mine($dir);
	}
	return \%of;
}
sub mine { return of_proc("$_[0]/environ") =~ /(?:^|\0)TIDEMARK_RUN=\Q$home\E\/run\0/ }

my ($pid, $out) = runner();
ok(up($out), 'it comes up') or diag file_text($out);

my $first = parts();
my @parts = qw(tidemark-tick nginx-master nginx-worker tidemark-fake tidemark-stream pool-web
    pool-wait pool-hook pool-stream);
for my $name (@parts) {
	subtest "$name is killed" => sub {
		my ($old) = @{ parts()->{$name} // [] } or return fail('it is there');
		kill 'KILL', $old;
		ok(
			wait_for(
				sub {
					my ($new) = @{ parts()->{$name} // [] };
					$new && $new != $old && serves();
				},
				10
			),
			'it is there again, and all serves'
		) or diag file_text($out);
		is(kill(0, $pid), 1, 'the rest goes on');
		my $parts = parts();
		is(scalar @{ $parts->{$name} }, 1, 'there is one of it') or diag explain $parts;
	};
}
like(file_text($out), qr/tidemark: tick ended; it is started again/, 'it is said');

# The processes of a pool that was killed do not stay, nor do those that ask for them.
ok(
	wait_for(
		sub {
			my $now = parts();
			!grep { @{ $now->{$_} } > @{ $first->{$_} // [] } }
			    grep { /^tidemark-(?:fcgi|broker|stream)$/ } keys %$now
		},
		10
	),
	'no process is left over'
) or diag explain [$first, parts()];

subtest 'the runner is killed, and its nginx with it' => sub {
	my $before = parts();
	kill 'KILL', $pid, @{ $before->{'nginx-master'} };
	waitpid $pid, 0;
	($pid, $out) = runner();
	ok(up($out), 'the next one comes up on the same port') or diag file_text($out);
	my $after = parts();
	for my $name (qw(nginx-master nginx-worker tidemark-tick pool-web tidemark-fake)) {
		is(scalar @{ $after->{$name} // [] }, 1, "with one $name")
		    or diag explain $after;
	}
};

subtest 'the runner alone is killed' => sub {
	kill 'KILL', $pid;
	waitpid $pid, 0;
	ok(wait_for(sub { !%{ parts() } }, 20), 'all that it had started ends by itself')
	    or diag explain parts();
};

subtest 'a part that cannot live is given up, with a word' => sub {
	my $build = "$base/build";
	mkdir $build;
	for my $p (qw(tidemark tidemark-fcgi tidemark-worker tidemark-stream tidemark-fake)) {
		system 'cp', $t->build . "/$p", "$build/$p";
	}
	open my $f, '>', "$build/tidemark-tick" or die;
	print $f "#!/bin/sh\nexit 3\n";
	close $f;
	chmod 0755, "$build/tidemark-tick", $build;
	my ($pid, $out) = runner(build => $build);
	ok(wait_for(sub { waitpid($pid, 1) == $pid }, 30), 'it ends') or kill 'TERM', $pid;
	is($? >> 8, 70, 'with the code for that');
	like(file_text($out), qr/tick ended 6 times within a minute/, 'in a sentence');
	ok(wait_for(sub { !%{ parts() } }, 20), 'and leaves nothing');
};

subtest 'a stand-in that takes its time is waited for' => sub {
	my $build = "$base/build";
	system 'cp', $t->build . '/tidemark-tick', "$build/tidemark-tick";
	rename "$build/tidemark-fake", "$build/a-fake" or die;
	open my $f, '>', "$build/tidemark-fake" or die;
	print $f "#!/bin/sh\nsleep 2\nexec $build/a-fake \"\$@\"\n";
	close $f;
	chmod 0755, "$build/tidemark-fake";
	my ($pid, $out) = runner(build => $build);
	ok(up($out), 'it comes up') or diag file_text($out);
	kill 'TERM', $pid;
	ok(wait_for(sub { waitpid($pid, 1) == $pid }, 20), 'and ends');
	is($?, 0, 'well');
};

END {
	for (glob '/var/lib/tidemark-app/*/home') {
		my $of = file_text($_);
		system 'rm', '-rf', s{/home\z}{}r if $base && index($of, "$base/") == 0;
	}
}

done_testing;
