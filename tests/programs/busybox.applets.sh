# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 240 s
# Busybox: its applets over sample data. A line of the list is a command; `bb` is busybox as an enclave, or natively. ALL=1 runs all
# lines, else those that name an applet which no earlier line named.
. "$T/programs/lib.sh"

list() {
	sed '/^#/d; /^$/d' "$T/programs/busybox.list" | if [ -n "${ALL-}" ]; then cat; else
		awk '{ new = 0; n = split($0, w, "bb "); for (i = 2; i <= n; i++) { split(w[i], a, " "); if (!seen[a[1]]++) new = 1 } } new'
	fi
}
list >list

use busybox
bb() {
	x busybox "$@"
}

sample() {
	mkdir -p tree/a/b tree/c
	seq 1 500 >numbers
	printf 'one two three\nfour  five\tsix\n\nSeven eight\nnine\n' >text
	printf 'pear 3\napple 1\nfig 20\napple 1\ncherry 11\n' >fruit
	printf 'apple 1\nbanana 9\ncherry 11\nfig 20\n' >fruit2
	"$T/bin/pattern" 50000 >data
	printf 'hello\n' >tree/a/hello
	printf 'world\n' >tree/a/b/world
	: >tree/c/empty
	ln -s a/hello tree/link
	touch -h -d '2020-01-02 03:04:05' tree/link
	chmod 640 tree/a/hello
	chmod 700 tree/a/b
	touch -d '2020-01-02 03:04:05' numbers text fruit fruit2 data tree/a/hello tree/a/b/world tree/c/empty tree/a/b tree/a tree/c tree
}

applets() {
	export TZ=UTC LC_ALL=C
	sample
	while read -r line; do
		echo "\$ $line"
		# The shell forks for pipes; each side of one is an enclave.
		(eval "$line") 2>&1 </dev/null
		echo "= $?"
	done <"$W/list"
	find . | sort
	# An archive of cpio holds inode numbers.
	find . -type f ! -name '*.cpio' -exec sha256sum {} + | sort -k 2
}
pair applets applets
count=$(grep -o 'bb [a-z0-9_[]*' list | sort -u | wc -l)
echo "$count applets"
[ "$count" -ge 60 ] || fail "only $count applets"
[ "$(grep -c '^= 0' applets.native)" -gt $(($(wc -l <list) * 8 / 10)) ] || fail "natively too much fails: $(grep -B 3 '^= [1-9]' applets.native)"
done_testing
