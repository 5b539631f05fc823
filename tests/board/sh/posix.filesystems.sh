# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 120 s
# The file tests once more on ext4 and on the host's shared folder.
. "$T/lib/lib.sh"

for folder in /mnt/disk/work /mnt/host/.work; do
	mkdir -p $folder
	for name in posix.file.rw posix.file.append posix.file.truncate posix.file.rename posix.file.stdio posix.dir.tree; do
		(cd $folder && sh "$T/lib/pair.sh" $name) || fail "$name in $folder"
	done
	rm -rf ${folder:?}
done
done_testing
