#!/bin/sh
# Installs the packages named as arguments that are missing. Touches nothing when all are there.
set -eu
here=" $(dpkg-query -W -f '${Package}=${db:Status-Status} ' "$@" 2>/dev/null || :)"
missing=
for p in "$@"; do
	case $here in *" $p=installed "*) ;; *) missing="$missing $p" ;; esac
done
# Any nginx will do; Debian has several builds of it.
case $missing in *nginx-light*)
	[ ! -x /usr/sbin/nginx ] || missing=$(echo "$missing" | sed 's/nginx-light//')
	;;
esac
[ -n "${missing# }" ] || exit 0
sudo=
if [ "$(id -u)" != 0 ]; then
	sudo=sudo
	command -v sudo >/dev/null || {
		echo "tidemark: these packages are missing;" \
			"install them as root: apt-get install$missing" >&2
		exit 69
	}
fi
echo "tidemark: installing$missing" >&2
# Debian starts nginx on port 80 when it installs it; that one is not wanted here.
masked=
if [ -d /run/systemd/system ] && [ ! -x /usr/sbin/nginx ]; then
	$sudo systemctl mask --runtime nginx.service >/dev/null 2>&1 && masked=1
fi
rc=0
$sudo apt-get update -qq || rc=$?
# shellcheck disable=SC2086
[ $rc != 0 ] || $sudo env DEBIAN_FRONTEND=noninteractive \
	apt-get install -y -qq --no-install-recommends $missing >/dev/null || rc=$?
[ -z "$masked" ] || $sudo systemctl unmask --runtime nginx.service >/dev/null 2>&1 || :
[ $rc = 0 ] || { echo "tidemark: the packages could not be installed:$missing" >&2; exit 69; }
