# Runs a command where it can harm nothing: `closed.sh FOLDER PREFIX WORK COMMAND...`, in fresh mount, pid, network and
# ipc namespaces (unshare). All disks are read only but for copies in memory of FOLDER, /tmp and /dev/shm; PREFIX and
# WORK, which may lie below /tmp, stay in sight. Refuses to start the command where anything of that did not work.
set -eu
folder=$1 prefix=$2 work=$3
shift 3
mount --make-rprivate /
mount -t tmpfs tmpfs /media
mkdir /media/folder /media/prefix /media/work
cp -a "$folder/." /media/folder
mount --bind "$prefix" /media/prefix
mount --bind "$work" /media/work
cut -d' ' -f5 /proc/self/mountinfo | sort -u | while read -r place; do
  case $place in /media | /proc | /proc/* | /dev | /dev/*) continue ;; esac
  mount -o remount,bind,ro "$place"
done
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /dev/shm
mkdir -p "$folder" "$prefix" "$work" /tmp/home
mount --bind /media/folder "$folder"
for pair in "prefix $prefix" "work $work"; do
  mount --bind "/media/${pair%% *}" "${pair#* }"
  mount -o remount,bind,ro "${pair#* }"
done
for place in / /etc /usr /var "$prefix" "$work" "$work/src" "$work/tests"; do
  if touch "$place/hostile-probe" 2>/dev/null; then
    rm -f "$place/hostile-probe"
    echo "$place can be written: nothing is run" >&2
    exit 9
  fi
done
ip link set lo up  # kernels and stock speak over it
cd "$folder"
HOME=/tmp/home exec "$@"
