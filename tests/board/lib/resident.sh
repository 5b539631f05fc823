# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# For tests of resident enclaves.

# pack_resident IMAGE [KEY=VALUE...]: bin/resident with two reservations and a deadline of 200 ms; keys in front of them
pack_resident() {
	image=$1
	shift
	cp "$T/bin/resident" .
	{
		printf 'memory = "8M"\ndeadline = 200\n'
		[ $# = 0 ] || printf '%s\n' "$@"
		printf '[[reservation]]\npriority = 50\nperiod = "1ms"\nbudget = "200us"\n'
		printf '[[reservation]]\npriority = 10\nperiod = "10ms"\nbudget = "2ms"\n'
	} >resident.toml
	ringmaster pack resident -o "$image" 2>pack.err || fail "pack: $(cat pack.err)"
	rm resident.toml
}

# resident_run IMAGE ARGUMENT...: into out and err
resident_run() {
	ringmaster run --stats "./$1" "$2" >out 2>err
}

# pack_paced IMAGE [KEY=VALUE...]: bin/paced, whose first thread has a tenth of the core and the second a third
pack_paced() {
	image=$1
	shift
	cp "$T/bin/paced" .
	{
		printf 'memory = "4M"\ndeadline = 100\n'
		[ $# = 0 ] || printf '%s\n' "$@"
		printf '[[reservation]]\npriority = 50\nperiod = "5ms"\nbudget = "500us"\n'
		printf '[[reservation]]\npriority = 10\nperiod = "10ms"\nbudget = "3ms"\n'
	} >paced.toml
	ringmaster pack paced -o "$image" 2>pack.err || fail "pack: $(cat pack.err)"
}
