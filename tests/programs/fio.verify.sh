# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 180 s
# fio writes and verifies with the engines psync and pvsync, jobs as threads, on tmpfs and on ext4.
. "$T/programs/lib.sh"

use fio
job() { # ENGINE FOLDER PATTERN
	x fio --thread --ioengine="$1" --directory="$2" --name=job --rw="$3" --size=1m --bs=4k --numjobs=2 --verify=crc32c --do_verify=1 \
		--verify_fatal=1 --randseed=7 --randrepeat=1 --group_reporting --output-format=terse --terse-version=3 >out 2>err
	status=$?
	# Of the terse line, what does not depend on time: the error, KiB read and written.
	echo "$1 $3 status $status $(awk -F ';' '/^3;/ { print "error", $5, "read", $6, "wrote", $47 }' out)"
	[ $status = 0 ] || head -c 1000 out err
	rm -f "$2"/job*
}
engines() {
	for engine in psync pvsync sync vsync; do
		job $engine . randwrite
		job $engine /mnt/disk/work write
	done
	# What was written is checked, not believed.
	x fio --thread --ioengine=psync --name=job --filename=f --rw=write --size=1m --verify=sha256 --do_verify=0 >/dev/null 2>&1
	printf x | dd of=f bs=1 seek=70000 conv=notrunc 2>/dev/null
	x fio --thread --ioengine=psync --name=job --filename=f --rw=write --size=1m --verify=sha256 --verify_only=1 >out 2>&1 &&
		echo 'a changed byte was not seen'
	grep -o 'verify: bad.*offset [0-9]*' out | head -n 1
}
pair engines engines
grep -q 'psync write status 0 error 0 read 2048 wrote 2048' engines.native || fail "fio did not do its job: $(head -n 3 engines.native)"
done_testing
