# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# A batch of 32 promises is one exit; with a polling thread none, but where a busy machine lets it come too late.
. "$T/lib/lib.sh"
needs_enclaves

"$T/bin/pattern" 200000 >/mnt/disk/work/file

# exits OPTION... -- ARGUMENT...: voluntary exits of the program.
exits() {
	options=
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # options
	ringmaster run --stats $options "$T/bin/promises" "$@" >out 2>err || fail "$*: $(cat out err)"
	awk '/voluntary/ { for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+$/) { print $i; exit } }' err
}

none=$(exits --windows=off -- reads /mnt/disk/work/file 0)
reads=$(exits --windows=off -- reads /mnt/disk/work/file 100)
nops=$(exits -- nops 100)
windows=$(exits -- reads /mnt/disk/work/file 100)
echo "start $none exits, 100 batches of 32 reads $reads, of 32 nothings $nops; by windows $windows"
# A disk that is busy with something else, or a signal, may cost one more here and there.
[ "${reads:-9999}" -ge $((none + 100)) ] && [ "$reads" -le $((none + 120)) ] || fail "$reads exits for 100 batches of reads"
[ "${nops:-9999}" -le 120 ] || fail "$nops exits for 100 batches of nothing"
[ "${windows:-9999}" -lt "$reads" ] || fail "$windows exits for reads by windows"
if [ "$(nproc)" -ge 2 ]; then
	polled=$(exits --poll -- nops 100)
	echo "with a polling thread $polled"
	[ "${polled:-9999}" -lt 300 ] || fail "$polled exits with a polling thread"
fi
done_testing
