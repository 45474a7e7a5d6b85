#!/bin/sh
# Runs the whole of Tidemark in the foreground, without systemd: nginx, three pools of FastCGI
# processes, what tells browsers of syncs, and the tick. A part that ends is started again. Ctrl-C
# ends it.
#
#	nginx/run.sh [BUILD]
#
# Environment: PORT, TIDEMARK_BIND (127.0.0.1), TIDEMARK_HOME, APP_URL, TIDEMARK_USER (when root),
# and all of lib/base/conf.def.
#
# Exit codes: 69 something is missing, 70 a part ends again and again, 73 the port is taken, 75 it
# runs already, 78 a setting is wrong.
set -eu
# The user it changes to may not be able to read what the caller's perl reads.
unset PERL5LIB PERL5OPT
say() { echo "tidemark: $*" >&2; }
die() { code=$1; shift; say "$*"; exit "$code"; }

root=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "$root" && cd "${1:-build}" && pwd) || die 69 "nothing is built yet: make"
port=${PORT:-8080} bind=${TIDEMARK_BIND:-127.0.0.1}
PATH=$PATH:/usr/sbin:/sbin
case $port in '' | *[!0-9]* | ??????*) die 78 "PORT=$port is not a port number" ;; esac
if [ "$port" -lt 1 ] || [ "$port" -gt 65535 ]; then
	die 78 "PORT=$port is not between 1 and 65535"
fi

# Never as root: a copy of the programs that the service user can read and not write, and that user
# from here on. In the state directory everything may be a link of that user's to a file of root's:
# root writes, makes and gives away nothing there but the directory itself.
if [ "$(id -u)" = 0 ]; then
	user=${TIDEMARK_USER:-tidemark} home=${TIDEMARK_HOME:-/var/lib/tidemark}
	copies=/var/lib/tidemark-app
	[ "$user" != root ] || die 78 "TIDEMARK_USER must not be root"
	case $home in /*) ;; *) home=$root/$home ;; esac
	if ! id "$user" >/dev/null 2>&1; then
		useradd --system --user-group --home-dir /var/lib/tidemark --no-create-home \
			--shell /usr/sbin/nologin "$user" || die 69 "there is no user $user"
	fi
	if [ -d "$home" ] && [ ! -e "$home/.tidemark" ] && [ ! -e "$home/tidemark.db" ] &&
		[ -n "$(ls -A "$home")" ]; then
		die 78 "$home is not empty and not a state directory of Tidemark; set TIDEMARK_HOME"
	fi
	mkdir -p "$home"
	perl -MFcntl -e '
		sysopen(my $d, $ARGV[0], O_RDONLY | O_DIRECTORY | O_NOFOLLOW) or die "$!\n";
		(stat $d)[4] or chown $ARGV[1], $ARGV[2], $d or die "$!\n";
		(stat $d)[4] == $ARGV[1] or die "it is somebody else'\''s\n"' \
		"$home" "$(id -u "$user")" "$(id -g "$user")" ||
		die 78 "$home cannot be the state directory of the user $user"
	as_user() {
		setpriv --reuid="$user" --regid="$(id -gn "$user")" --init-groups \
			--no-new-privs "$@"
	}
	umask 022
	mkdir -p "$copies"
	# Copies for state directories that are gone.
	for d in "$copies"/*/; do
		[ ! -e "$d/home" ] || [ -d "$(cat "$d/home")" ] || rm -rf "$d"
	done
	app=$copies/$(printf %s "$home" | sha256sum | cut -c1-16)
	# A running instance keeps the programs it was started with.
	if as_user flock -n "$home/run.lock" true 2>/dev/null || [ ! -d "$app" ]; then
		new=$(mktemp -d "$copies/new.XXXXXX")
		printf %s "$home" >"$new/home"
		mkdir "$new/build"
		for p in tidemark tidemark-fcgi tidemark-tick tidemark-worker \
			tidemark-stream tidemark-fake; do
			cp "$build/$p" "$new/build/"
		done
		cp -R "$root/static" "$root/nginx" "$new/"
		chmod -R go+rX "$new"
		rm -rf "$app" && mv -T "$new" "$app"
	fi
	cd "$home"
	as_user chmod 700 .
	as_user touch .tidemark
	exec setpriv --reuid="$user" --regid="$(id -gn "$user")" --init-groups --no-new-privs \
		env HOME="$home" TIDEMARK_HOME="$home" sh "$app/nginx/run.sh" build
fi

TIDEMARK_HOME=${TIDEMARK_HOME:-$root/var}
umask 077
mkdir -p "$TIDEMARK_HOME" || die 73 "the state directory $TIDEMARK_HOME cannot be made"
TIDEMARK_HOME=$(cd "$TIDEMARK_HOME" && pwd)
run=$TIDEMARK_HOME/run
case $run$root in *[\"\$\\]*)
	die 78 "nginx cannot use a path with quotes, dollar signs or backslashes: $run"
	;;
esac
exec 9>>"$TIDEMARK_HOME/run.lock"
flock -n 9 || die 75 "it is running already with the state in $TIDEMARK_HOME;" \
	"set TIDEMARK_HOME and PORT for a second one"
mkdir -p "$run"
# What is left of an earlier life holds no more; below stands what this one runs with.
rm -f "$run/env"

sleeper=""
# Interrupted by signals; what has ended meanwhile is collected.
pause() {
	sleep "$1" 9>&- &
	sleeper=$!
	wait $sleeper || :
}
alive() { kill -0 "$1" 2>/dev/null; }
# Waits until none of the processes is left, at most so many tenths of a second.
gone() {
	tenths=$1
	shift
	while [ "$tenths" -gt 0 ]; do
		left=
		for p in "$@"; do ! alive "$p" || left=1; done
		[ -n "$left" ] || return 0
		pause 0.1
		tenths=$((tenths - 1))
	done
	return 1
}
# Ends processes, however they take it.
end() {
	[ $# -gt 0 ] || return 0
	kill -TERM "$@" 2>/dev/null || :
	gone 150 "$@" || kill -KILL "$@" 2>/dev/null || :
}
# What is left of a runner of this state that was cut off: nginx by where it works, for it
# overwrites its environment, and other parts by theirs. With a word: nginx alone.
remains() {
	perl -e '
		my ($run, $alone) = @ARGV;
		for my $dir (glob "/proc/[0-9]*") {
			my ($exe, $cwd) = map { readlink "$dir/$_" } qw(exe cwd);
			next if !defined $exe || !defined $cwd;
			my $nginx = $exe =~ m{/nginx(?: \(deleted\))?$};
			my $environ = "";
			if (!$nginx && !$alone && open my $f, "<", "$dir/environ") {
				local $/;
				$environ = "\0" . <$f>;
			}
			print $dir =~ /(\d+)/, "\n" if $nginx ? $cwd eq $run
			    : index($environ, "\0TIDEMARK_RUN=$run\0") >= 0;
		}' "$run" "${1:-}" 9>&-
}
left=$(remains)
if [ -n "$left" ]; then
	say "an earlier one was cut off; what is left of it is ended"
	# shellcheck disable=SC2086
	end $left
fi

# nginx does not notice in time that a port is taken, and then another program answers in its place.
port_state() {
	perl -MIO::Socket::INET -e '
		IO::Socket::INET->new(LocalAddr => $ARGV[0], LocalPort => $ARGV[1], Listen => 1,
			ReuseAddr => 1) and exit 0;
		exit($!{EADDRINUSE} ? 1 : 2)' "$bind" "$1"
}
state=0 && port_state "$port" || state=$?
if [ $state = 1 ]; then
	next=$((port + 1))
	while [ $next -lt 65535 ] && ! port_state $next; do next=$((next + 1)); done
	die 73 "port $port is taken; try: make run PORT=$next"
fi
[ $state = 0 ] || die 73 "this user may not listen on $bind port $port;" \
	"try a port from 1024 on, such as PORT=8080"

# The path of a socket has at most 107 bytes.
sockets=$run short=
if [ "$(printf %s "$run/stream.sock" | wc -c)" -gt 100 ]; then
	short=$(mktemp -d /tmp/tidemark.XXXXXX) && sockets=$short
fi
host=$bind
[ "$host" != 0.0.0.0 ] || host=127.0.0.1
APP_URL=${APP_URL:-http://$host:$port}
PORT=$port
export TIDEMARK_HOME APP_URL PORT

quoted() { printf %s "$1" | sed 's/[&|\\]/\\&/g'; }
sed -e "s|@RUN@|$(quoted "$run")|g" -e "s|@SOCKETS@|$(quoted "$sockets")|g" \
	-e "s|@STATIC@|$(quoted "$root/static")|g" -e "s|@LISTEN@|$bind:$port|" \
	-e 's|@PROCESSES@|1|' -e 's|@USER@||' "$root/nginx/tidemark.conf.in" >"$run/nginx.conf"
ln -sfn "$root/nginx/snippets" "$run/snippets"
# Single sign-on by a proxy that speaks through a socket of its own.
rm -f "$run/sso.conf" "$sockets/sso.sock"
if [ -n "${TIDEMARK_SSO_PROXY:-}" ]; then
	header=$(printf %s "${TIDEMARK_SSO_HEADER:-X-Forwarded-User}" | tr 'A-Z-' 'a-z_')
	case $TIDEMARK_SSO_PROXY$header in *[!A-Za-z0-9_.-]*)
		die 78 "TIDEMARK_SSO_PROXY and TIDEMARK_SSO_HEADER are words of letters," \
			"digits and -"
		;;
	esac
	cat >"$run/sso.conf" <<-END
		server {
			listen "unix:$sockets/sso.sock";
			root "$root/static";
			set \$tidemark_sso_proxy $TIDEMARK_SSO_PROXY;
			set \$tidemark_sso_user \$http_$header;
			include snippets/tidemark-sso.conf;
		}
	END
fi

pid_fake="" pid_web="" pid_wait="" pid_hook="" pid_stream="" pid_tick="" pid_nginx=""
stop() {
	trap - EXIT
	trap '' INT TERM HUP
	[ -z "$sleeper" ] || kill "$sleeper" 2>/dev/null || :
	# Browsers that look on would never have been answered. nginx next: it takes no new requests
	# and lets running ones be answered.
	[ -z "$pid_stream" ] || kill -TERM "$pid_stream" 2>/dev/null || :
	if [ -n "$pid_nginx" ]; then
		kill -QUIT "$pid_nginx" 2>/dev/null || :
		gone 30 "$pid_nginx" || kill -TERM "$pid_nginx" 2>/dev/null || :
	fi
	# A tick that somebody's request started is not ours to wait for, but ours to end; its
	# number is in the lock file.
	tick=$(cat "$TIDEMARK_HOME/tick.lock" 2>/dev/null || :)
	case $tick in
	'' | *[!0-9]*) tick= ;;
	*) [ "$(cat "/proc/$tick/comm" 2>/dev/null || :)" = tidemark-tick ] || tick= ;;
	esac
	# shellcheck disable=SC2086
	end $pid_fake $pid_web $pid_wait $pid_hook $pid_stream $pid_tick $pid_nginx $tick
	rm -f "$sockets/web.sock" "$sockets/wait.sock" "$sockets/hook.sock" "$sockets/stream.sock" \
		"$sockets/sso.sock"
	[ -z "$short" ] || rmdir "$short" 2>/dev/null || :
	exit "$1"
}
trap 'stop 0' INT TERM HUP
trap 'stop 70' EXIT

# A part ends with this runner, also when that is killed, and is known by its environment.
part() {
	name=$1
	shift
	env TIDEMARK_RUN="$run" setpriv --pdeathsig TERM "$@" </dev/null 9>&- &
	eval "pid_$name=$!"
}
start() {
	case $1 in
	fake)
		# Again on the port that the others know. No secret is its business.
		part fake env -u CRON_SECRET -u TIDEMARK_HEARTBEAT_URL -u TIDEMARK_SMTP_PASSWORD \
			-u NOTION_API_KEY -u NOTION_CLIENT_SECRET -u GOOGLE_CLIENT_SECRET \
			"$build/tidemark-fake" --demo --listen "${demo:-127.0.0.1:0}" \
			--state "$TIDEMARK_HOME/fake.json" \
			--back "${APP_URL%/}/api/auth/google/callback" >>"$run/demo.out"
		;;
	web) pool web 4 "$build/tidemark-fcgi" --pool web ;;
	wait) pool wait 8 "$build/tidemark-fcgi" --pool wait ;;
	hook) pool hook 2 "$build/tidemark-fcgi" --pool hook ;;
	stream) pool stream 1 "$build/tidemark-stream" ;;
	tick) part tick "$build/tidemark-tick" --loop 60 ;;
	nginx)
		cd "$run"
		part nginx nginx -c "$run/nginx.conf" -e stderr
		cd "$OLDPWD"
		;;
	esac
}
pool() {
	name=$1 count=$2
	shift 2
	part "$name" perl "$root/nginx/pool" "$sockets/$name.sock" "$count" \
		setpriv --pdeathsig TERM "$@"
}
# A part has ended. One that does so again and again is not helped by another start.
# shellcheck disable=SC2034
dead_fake="" dead_web="" dead_wait="" dead_hook="" dead_stream="" dead_tick="" dead_nginx="" \
	deaths="" pid=""
again() {
	name=$1 now=$(date +%s) recent="" n=0
	eval "deaths=\$dead_$name"
	for at in $deaths $now; do
		[ $((now - at)) -lt 60 ] || continue
		recent="$recent $at" n=$((n + 1))
	done
	eval "dead_$name=\$recent"
	if [ $n -gt 5 ]; then
		say "$name ended $n times within a minute; the lines above say why"
		stop 70
	fi
	say "$name ended; it is started again"
	# Its processes go on without it, and hold the port.
	# shellcheck disable=SC2046
	[ "$name" != nginx ] || end $(remains nginx)
	start "$name"
}
parts="web wait hook stream tick nginx"
revive() {
	for p in $parts; do
		eval "pid=\$pid_$p"
		alive "$pid" || again "$p"
	done
}

# Without credentials a stand-in plays Google and Notion, with an account and things in it to try
# with. From outside only its pages for people can be reached.
demo=
rm -f "$run/demo.conf"
: >"$run/demo.out"
configured() {
	grep -qs "^[[:space:]]*$1[[:space:]]*=[[:space:]]*[^[:space:]]" \
		"${TIDEMARK_CONFIG:-/dev/null}"
}
if [ -z "${GOOGLE_CLIENT_ID:-}" ] && [ "${TIDEMARK_DEMO:-1}" != 0 ] &&
	! configured GOOGLE_CLIENT_ID; then
	start fake
	parts="fake $parts"
fi
"$build/tidemark" migrate >/dev/null || stop 78
if [ -n "$pid_fake" ]; then
	# A slow machine takes its time.
	until demo=$(sed -n 's|^http://||p' "$run/demo.out") && [ -n "$demo" ]; do
		alive "$pid_fake" || { say "the demonstration does not start"; stop 70; }
		pause 0.1
	done
	pages='accounts/o/oauth2/v2/auth|notion/v1/oauth/authorize'
	pages="$pages|edit|calendar|contacts|notion|page\.css"
	cat >"$run/demo.conf" <<-END
		location ~ ^(?<tidemark_page>/fake/($pages))$ {
			client_max_body_size 16k;
			proxy_set_header Cookie "";
			proxy_pass http://$demo\$tidemark_page\$is_args\$args;
		}
	END
	export TIDEMARK_DEMO=1 GOOGLE_CLIENT_ID=Tidemark GOOGLE_CLIENT_SECRET=demo \
		GOOGLE_ACCOUNTS_BASE="${APP_URL%/}/fake/accounts" \
		GOOGLE_OAUTH_BASE="http://$demo/fake/oauth2" \
		GOOGLE_API_BASE="http://$demo/fake/api" \
		GOOGLE_SHEETS_BASE="http://$demo/fake/sheets" \
		GOOGLE_PEOPLE_BASE="http://$demo/fake/people" \
		NOTION_CLIENT_ID=Tidemark NOTION_CLIENT_SECRET=demo \
		NOTION_API_BASE="http://$demo/fake/notion" \
		NOTION_SITE_BASE="${APP_URL%/}/fake/notion"
fi

# From here on programs that are called from elsewhere have these settings (lib/base/conf.h).
"$build/tidemark" config --save || stop 78
users=$("$build/tidemark" user list) || stop 70
[ -n "$users" ] || "$build/tidemark" user add admin --operator >/dev/null || stop 70

for p in $parts; do [ "$p" = fake ] || start "$p"; done

healthy() {
	[ -S "$sockets/web.sock" ] && [ -S "$sockets/wait.sock" ] || return 1
	perl -MIO::Socket::INET -e '
		my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1],
			Timeout => 5) or exit 1;
		alarm 5;
		print $s "GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n";
		exit(<$s> =~ m{^HTTP/1\.. 200\b} ? 0 : 1)' "$host" "$port" 9>&- 2>/dev/null
}
tries=0
until healthy; do
	revive
	tries=$((tries + 1))
	[ $tries != 200 ] || say "it does not answer on port $port yet"
	pause 0.1
done

link=$("$build/tidemark" user link admin 2>/dev/null) || link=
printf '\n  Tidemark is up: %s/\n' "${APP_URL%/}"
[ -z "$link" ] || printf '  Sign in as admin (this link works once): %s\n' "$link"
[ -z "$demo" ] || printf '  Demo: GOOGLE_CLIENT_ID is not set, so %s\n' \
	'"Connect Google" leads to a stand-in with invented data.'
printf '  State: %s   Ctrl-C stops it.\n' "$TIDEMARK_HOME"
[ -z "${SSH_CONNECTION:-}" ] || printf '  From your own computer: ssh -L %s:127.0.0.1:%s %s\n' \
	"$port" "$port" "$(hostname)"
echo

while :; do
	revive
	pause 0.5
done
