# /etc/cron.d/tidemark: the tick every minute on machines without systemd. With systemd the timer
# does it.
* * * * * tidemark test -d /run/systemd/system || { set -a; . /etc/tidemark/tidemark.env; exec /usr/lib/tidemark/tidemark-tick --once; } 2>&1 | logger -t tidemark-tick
