# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The program is found as a shell finds it: by path, relative, through PATH, through links; options after it are its own.
. "$T/lib/lib.sh"

mkdir bin dir
cp "$T/bin/args" bin/args
ln -s bin/args link
ln -s ../link dir/link
for name in ./bin/args bin/args ./link dir/link; do
	[ "$($RUN $name a b)" = "3 [$name] [a] [b]" ] || fail "$name: $($RUN $name a b)"
done
# shellcheck disable=SC2209 # words
[ "$(PATH="$PWD/bin:$PATH" $RUN args --stats -v --)" = '4 [args] [--stats] [-v] [--]' ] || fail "PATH"
cd dir || exit 1
[ "$($RUN ../bin/args)" = '1 [../bin/args]' ] || fail 'parent folder'
done_testing
