/**
 * The guard's whole program, for any POSIX shell. While the manager lives it only reads:
 *
 *     + PID SIGNAL GRACE_MS COOKIE START_TIME     watch this leader of a group
 *     - PID                                       forget it
 *     .                                           end, and harm nobody
 *
 * The end of the input is the manager's death. Then every group whose leader still has its start time
 * gets its signal (and `CONT`, or a stopped one would not hear it), as does every bearer of its cookie;
 * after its grace, `KILL`. A group that was seen to be ours stays ours while it has members, since the
 * kernel gives its number to nobody. Bearers are looked for until there are none, at most 40 times.
 *
 * Signals that people send to everybody, as systemd does when it stops a unit, do not end it.
 */
export const GUARD = `
trap '' HUP INT QUIT TERM
watched=
while read -r op pid signal grace cookie start; do
  case $op in
    +) eval "s$pid=\\$signal g$pid=\\$grace c$pid=\\$cookie t$pid=\\$start"
       case " $watched " in *" $pid "*) ;; *) watched="$watched $pid" ;; esac ;;
    -) unset "s$pid" "g$pid" "c$pid" "t$pid"
       rest=; for each in $watched; do [ "$each" = "$pid" ] || rest="$rest $each"; done; watched=$rest ;;
    .) exit 0 ;;
  esac
done
[ -n "$watched" ] || exit 0

look() { # pid -> $began, and on Linux $group; empty if there is no such process
  began= group= text=
  if [ -e /proc/self/stat ]; then
    { while IFS= read -r line || [ -n "$line" ]; do text="$text $line"; done <"/proc/$1/stat"; } 2>/dev/null
    set -- \${text##*)}
    [ $# -lt 20 ] || { group=$3; shift 19; began=$1; }
  else
    set -- $(ps -o lstart= -p "$1" 2>/dev/null)
    began="$*"
  fi
}
bearers() { # cookies -> pids; each is asked for by a word that nobody else has
  patterns=
  for each in $1; do [ "$each" = - ] || patterns="$patterns -e CONDUCTOR_PROCESS_ID=$each"; done
  [ -z "$patterns" ] || [ ! -e /proc/self/environ ] ||
    for file in $(grep -ls $patterns /proc/[0-9]*/environ 2>/dev/null); do
      file=\${file%/environ}; echo "\${file##*/}"
    done
}
send() { kill -s "$1" -- "$2" 2>/dev/null; }
wait_a_little() { sleep 0.05 2>/dev/null || sleep 1; }

ours= signals=
for pid in $watched; do
  eval "signal=\\$s$pid cookie=\\$c$pid start=\\$t$pid"
  set -- $start
  look "$pid"
  if [ -n "$began" ] && [ "$began" = "$*" ]; then
    send "$signal" "-$pid"; send CONT "-$pid"; ours="$ours $pid"
  fi
  case " $signals " in *" $signal "*) ;; *) signals="$signals $signal" ;; esac
  eval "k$signal=\\"\\$k$signal $cookie\\""
done
for signal in $signals; do
  eval "cookies=\\$k$signal"
  for bearer in $(bearers "$cookies"); do
    look "$bearer"
    case " $ours " in *" $group "*) ;; *) send "$signal" "$bearer"; send CONT "$bearer" ;; esac
  done
done

waited=0
while :; do
  left= late= waiting=
  for pid in $ours; do
    send 0 "-$pid" || continue
    left="$left $pid"
    eval "grace=\\$g$pid"
    [ "$waited" -lt "$grace" ] || send KILL "-$pid"
  done
  ours=$left
  for pid in $watched; do
    eval "grace=\\$g$pid cookie=\\$c$pid"
    if [ "$waited" -ge "$grace" ]; then late="$late $cookie"; else waiting="$waiting $cookie"; fi
  done
  some=$(bearers "$late")
  for bearer in $some; do send KILL "$bearer"; done
  [ -n "$ours$some$(bearers "$waiting")" ] || exit 0
  [ -n "$waiting" ] || { rounds=\${rounds:-0}; rounds=$((rounds + 1)); [ "$rounds" -lt 40 ] || exit 0; }
  wait_a_little
  waited=$((waited + 50))
done
`
