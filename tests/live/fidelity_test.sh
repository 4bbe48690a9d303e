#!/bin/bash
# What a container is made of arrives: containers with every option of `docker run` that engine
# 20.10 has and the lab can start, moved for real; both inspects compared by jq, not by our code.
# Compose with Debian's docker-compose. Usage: fidelity_test.sh [PLIMSOLL]. Exit status as
# lab_test.sh. What the columns "shown by" of docs/formats/container-fields.md name stands here.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
plimsoll=$(realpath "${1:-$here/../../build/plimsoll}")
work=$(mktemp -d /var/tmp/plimsoll-fidelity.XXXXXX)
export PLIMSOLL_LAB_DIR=$work/lab PLIMSOLL_LAB_NAME=plimsoll-fidelity
# shellcheck source=lab/test_support.sh
. "$here/../../lab/test_support.sh"

ask() { lab exec controller "$plimsoll" --config "$work/plimsoll.toml" "$@"; }
migrate() { ask migrate "$@" --force >"$work/out" 2>"$work/error"; }
moves() { migrate "$1" --from h1 --to h2 || { tail -n 3 "$work/error" >&2 && false; }; }
field() { docker_on "$1" inspect -f "$3" "$2"; }
state_of() {
  local status
  status=$(docker_on "$1" inspect -f '{{.State.Status}}' "$2" 2>/dev/null) || status=none
  printf '%s\n' "$status"
}

# A container's program: ends at once when it is told to.
# shellcheck disable=SC2016
program='trap "exit 0" TERM USR1; while :; do sleep 1; done'
start() {
  docker_on h1 create --name "$1" "${@:2}" >/dev/null
  docker_on h1 start "$1" >/dev/null
}

# The document less what a move may change: the list of docs/formats/container-fields.md.
# shellcheck disable=SC2016
settings='
  def named(f): if . == null then . else f end;
  def unset: if . == {} or . == [] then null else . end;
  (.Id[0:12]) as $short
  | del(.Id, .Created, .State, .ResolvConfPath, .HostnamePath, .HostsPath, .LogPath, .GraphDriver,
        .RestartCount, .ExecIDs)
  | .Config.Hostname |= (if . == $short then "generated" else . end)
  | .Config.Labels |= with_entries(select(.key | startswith("plimsoll.move.") | not))
  | .Config.Env |= named(sort)
  | del(.HostConfig.ContainerIDFile, .HostConfig.ConsoleSize, .HostConfig.PortBindings,
        .HostConfig.PublishAllPorts)
  | .HostConfig.RestartPolicy.Name |= (if . == "" then "no" else . end)
  | .HostConfig.Binds |= named(sort)
  | .Mounts |= (map(if .Name // "" | test("^[0-9a-f]{64}$") then .Name = "" | .Source = "" else . end)
                | sort_by(.Destination))
  | .NetworkSettings |= {Ports: .Ports, Networks: (.Networks | map_values(
      {IPAMConfig: (.IPAMConfig | unset), Links, DriverOpts: (.DriverOpts | unset),
       Aliases: (.Aliases | named(map(select(. != $short)) | sort) | unset)}))}'
settings_of() { docker_on "$1" inspect "$2" | jq -S ".[0] | $settings"; }

# arrives NAME: it moves, and is there what it was here.
arrives() {
  settings_of h1 "$1" >"$work/here"
  moves "$1"
  settings_of h2 "$1" >"$work/there"
  diff "$work/here" "$work/there" >&2
  equal "$(state_of h2 "$1")" running
  equal "$(state_of h1 "$1")" none
}

everything_there() { docker_on h2 ps -aq && docker_on h2 volume ls -q && docker_on h2 network ls -q; }

# stays NAME WORDS: it is refused with these words, and nothing was touched on either side.
stays() {
  local before there
  before=$(field h1 "$1" '{{.State.StartedAt}} {{.Name}} {{.HostConfig.RestartPolicy.Name}}')
  there=$(everything_there)
  fails migrate "$1" --from h1 --to h2
  grep -q -- "$2" "$work/error" "$work/out" || { cat "$work/error" >&2 && false; }
  equal "$(field h1 "$1" '{{.State.StartedAt}} {{.Name}} {{.HostConfig.RestartPolicy.Name}}')" "$before"
  equal "$(everything_there)" "$there"
}

hosts_are_seen() {
  [[ $(ask top --once --json 2>/dev/null | jq '[.hosts[] | select(.up)] | length') == 2 ]]
}

fleet_is_up() {
  lab up 2 --cpu 1 --memory 512 --agent "$plimsoll"
  lab image h1 app:1
  cat >"$work/plimsoll.toml" <<CONF
hosts = "$PLIMSOLL_LAB_DIR/host.csv"
data_dir = "$work/data"
[monitor]
interval = "1s"
[web]
listen = "127.0.0.1:0"
[orchestrator]
mode = "observe"
allowed_bind_mounts = ["/srv/fidelity"]
stable_for = "200ms"
[ssh]
config = "$PLIMSOLL_LAB_DIR/ssh_config"
CONF
  lab exec controller "$plimsoll" --config "$work/plimsoll.toml" up >"$work/up.log" 2>&1 &
  disown
  # An image with settings of its own, which inspect mixes with the container's.
  lab exec h1 env DOCKER_BUILDKIT=0 docker build --quiet --tag full:1 - >/dev/null <<'END'
FROM app:1
ENV A=1 KEPT=image
LABEL maker=us team=red
EXPOSE 70
VOLUME /vol
WORKDIR /srv
STOPSIGNAL USR1
HEALTHCHECK --interval=1s CMD true
ENTRYPOINT ["sh"]
CMD ["-c", "exec sleep 1000"]
END
  until_true 60 hosts_are_seen
}

# shellcheck disable=SC2016 # the container's shell expands it, not ours
process_settings_arrive() {
  lab exec h1 sh -c 'echo FROM_FILE=yes >/root/env; echo from.file=yes >/root/labels'
  start process -i -t -a stdin -a stdout -e A=2 -e SECRET=hush --env-file /root/env \
    --label team=blue --label-file /root/labels --expose 99 --hostname chosen --domainname fleet.test \
    --user 0:0 --workdir /tmp --entrypoint sh --stop-signal TERM --stop-timeout 7 \
    --health-cmd 'true' --health-interval 1s --health-retries 2 --health-start-period 1s \
    --health-timeout 2s --pull missing --cidfile /root/cid full:1 -c "$program"
  arrives process
  equal "$(field h2 process '{{.Config.Image}}')" full:1
  equal "$(docker_on h2 exec process sh -c 'echo $A $KEPT $FROM_FILE $(hostname)')" \
    '2 image yes chosen'
  start plain full:1 -c "$program"
  arrives plain
  start silent --no-healthcheck --entrypoint '' full:1 sh -c "$program"
  arrives silent
}

limits_arrive() {
  local disk
  disk=$(lab exec h1 lsblk -dnpo NAME | head -n 1)
  start limits --cpus 0.3 --cpu-shares 512 --cpuset-cpus 0 --cpuset-mems 0 -m 64m \
    --memory-reservation 32m --memory-swap 128m --memory-swappiness 10 --oom-kill-disable \
    --oom-score-adj 100 --pids-limit 50 --ulimit nofile=1000:2000 --ulimit core=0 \
    --device-cgroup-rule 'c 1:3 mr' app:1 sh -c "$program"
  arrives limits
  start rates --cpu-period 50000 --cpu-quota 20000 --device-read-bps "$disk:1mb" \
    --device-write-bps "$disk:2mb" --device-read-iops "$disk:100" --device-write-iops "$disk:200" \
    --cgroup-parent "/$PLIMSOLL_LAB_NAME/h1" app:1 sh -c "$program"
  arrives rates
}

isolation_settings_arrive() {
  start isolation --cap-add NET_ADMIN --cap-drop MKNOD --security-opt no-new-privileges \
    --security-opt seccomp=unconfined --read-only --tmpfs /t:size=1m --shm-size 32m \
    --sysctl net.ipv4.ip_forward=1 --ipc shareable --cgroupns host --userns host --group-add 5 \
    --dns 10.0.0.1 --dns-option ndots:2 --dns-search fleet.test --add-host other:10.1.1.1 \
    --log-driver local --log-opt max-size=1m --restart on-failure:3 --runtime runc \
    --isolation default app:1 sh -c "$program"
  arrives isolation
  equal "$(field h2 isolation '{{json .HostConfig.RestartPolicy}}')" \
    '{"Name":"on-failure","MaximumRetryCount":3}'
}

networks_arrive() {
  docker_on h1 network create --subnet 10.50.0.0/24 --label kept=yes \
    -o com.docker.network.bridge.enable_icc=true front >/dev/null
  docker_on h1 network create --internal --attachable back >/dev/null
  docker_on h1 network create --ipv6 --subnet fd00:50::/64 six >/dev/null
  docker_on h1 create --name networks --network front --ip 10.50.0.7 --network-alias www \
    --link-local-ip 169.254.9.9 --mac-address 02:42:0a:32:00:99 -p 80 -p 127.0.0.1:8081:81/udp \
    -p 8082:82 --expose 90 -P app:1 sh -c "$program" >/dev/null
  docker_on h1 network connect --alias second --driver-opt a=b back networks
  docker_on h1 network connect --ip6 fd00:50::7 six networks
  docker_on h1 start networks >/dev/null
  arrives networks
  equal "$(field h2 networks '{{(index .NetworkSettings.Networks "front").IPAddress}}')" 10.50.0.7
  equal "$(field h2 networks '{{(index .NetworkSettings.Networks "front").MacAddress}}')" \
    02:42:0a:32:00:99
  equal "$(docker_on h2 network inspect -f '{{index .Labels "kept"}} {{json .Options}}' front)" \
    'yes {"com.docker.network.bridge.enable_icc":"true"}'
  equal "$(docker_on h2 network inspect -f '{{.Internal}} {{.Attachable}}' back)" 'true true'
}

mounts_arrive() {
  lab exec h1 sh -c 'mkdir -p /srv/fidelity/one /srv/fidelity/two && echo 1 >/srv/fidelity/one/f &&
    echo 2 >/srv/fidelity/two/f && chmod 2750 /srv/fidelity/two && chown 7:8 /srv/fidelity/two'
  docker_on h1 volume create --label kept=yes named >/dev/null
  start mounts -v named:/n -v /anon -v /srv/fidelity/one:/one --volume-driver local \
    --mount type=volume,src=mounted,dst=/m,volume-nocopy,volume-label=a=b \
    --mount type=tmpfs,dst=/tm,tmpfs-size=1000000 \
    --mount type=bind,src=/srv/fidelity/two,dst=/two,readonly full:1 \
    -c "for d in n anon m vol one; do echo in \$d >/\$d/written; done; echo layer >/layer; $program"
  until_true 20 docker_on h1 exec mounts test -e /layer
  arrives mounts
  equal "$(docker_on h2 exec mounts cat /n/written /anon/written /m/written /vol/written \
    /one/written /layer | tr '\n' ' ')" 'in n in anon in m in vol in one layer '
  equal "$(lab exec h2 sh -c 'cat /srv/fidelity/*/f; stat -c "%a %u:%g" /srv/fidelity/two')" \
    $'1\n2\n2750 7:8'
  equal "$(docker_on h2 volume inspect -f '{{index .Labels "kept"}}' named)" yes
  # What the owner says is on every host is neither copied nor made.
  start attached -v /etc/hostname:/name:ro --label plimsoll.allow=bind_mount app:1 sh -c "$program"
  arrives attached
}

links_arrive() {
  start dep app:1 sh -c "$program"
  start linked --link dep:db app:1 sh -c "$program"
  stays linked "is linked to 'dep', which does not run there"
  docker_on h2 run -d --name dep app:1 sh -c "$program" >/dev/null
  arrives linked
  docker_on h2 exec linked grep -q db /etc/hosts
}

only_running_containers_move() {
  start stopped app:1 sh -c "$program"
  docker_on h1 stop stopped >/dev/null
  stays stopped 'it is exited, not running'
}

refused_before_anything_is_touched() {
  docker_on h1 run -d --rm --name removed app:1 sh -c "$program" >/dev/null
  stays removed 'started with --rm'
  start nodes --device /dev/null app:1 sh -c "$program"
  stays nodes 'it uses devices: /dev/null'
  start bare --network host app:1 sh -c "$program"
  stays bare "it uses the host's network"
  start watcher --pid host app:1 sh -c "$program"
  stays watcher "it sees the host's processes"
  start namesake --uts host app:1 sh -c "$program"
  stays namesake 'it shares with the host: uts'
  start memory --ipc host app:1 sh -c "$program"
  stays memory 'it shares with the host: ipc'
  start guest --network container:dep app:1 sh -c "$program"
  stays guest 'it shares the network of container'
  start beside --pid container:dep app:1 sh -c "$program"
  stays beside 'cannot be without another container'
  start heir --volumes-from dep app:1 sh -c "$program"
  stays heir 'cannot be without another container of its host: --volumes-from dep'
  start commander -v /var/run/docker.sock:/s app:1 sh -c "$program"
  stays commander "Docker's socket is mounted into it"
  start outside -v /srv/elsewhere:/e app:1 sh -c "$program"
  stays outside 'outside allowed_bind_mounts: /srv/elsewhere'
  docker_on h1 volume create -o type=tmpfs -o device=tmpfs optional >/dev/null
  start strange -v optional:/o app:1 sh -c "$program"
  stays strange 'optional (options of its own)'
  start one -v common:/c app:1 sh -c "$program"
  start two -v common:/c app:1 sh -c "$program"
  stays one 'common is also used by two'
  # The lab cannot start it.
  docker_on h1 create --name mighty --privileged app:1 >/dev/null
  fails ask check --container mighty --from h1 >"$work/report"
  ask check --container mighty --from h1 >"$work/report" || true
  grep -q 'FAIL  privileged  *it is privileged' "$work/report"
}

full_folders_and_other_networks_are_left_alone() {
  lab exec h1 mkdir -p /srv/fidelity/three
  lab exec h2 sh -c 'mkdir -p /srv/fidelity/three; echo theirs >/srv/fidelity/three/f'
  start third -v /srv/fidelity/three:/t app:1 sh -c "$program"
  stays third '/srv/fidelity/three is there already and not empty'
  equal "$(lab exec h2 cat /srv/fidelity/three/f)" theirs
  docker_on h1 network create other >/dev/null
  docker_on h2 network create --internal other >/dev/null
  start joined --network other app:1 sh -c "$program"
  fails migrate joined --from h1 --to h2
  grep -q "the network 'other' there is another one: Internal: false here, true there" "$work/error"
  equal "$(state_of h1 joined)" running
  equal "$(state_of h2 joined)" none
}

check_says_what_becomes_of_it() {
  ask check --container third --from h1 >"$work/report"
  grep -q '^third: may be moved$' "$work/report"
  grep -q 'copied  */srv/fidelity/three on /t' "$work/report"
  ask check --container third --json >"$work/report"
  jq -e '.movable and (.rules | length > 15 and all(.passed)) and
    (.fields.carried | index("HostConfig.Binds"))' "$work/report" >/dev/null
  local code=0
  ask check --container one --json >"$work/report" || code=$?
  equal "$code" 1
  jq -e '[.rules[] | select(.passed | not) | .rule] == ["shared_data"]' "$work/report" >/dev/null
  fails_with "no container 'nobody'" ask check --container nobody
}

# --- Compose ----------------------------------------------------------------------------------

compose_on() { lab exec "$1" docker-compose -f /root/shop/docker-compose.yml "${@:2}"; }
compose_states() {
  compose_on "$1" ps -q | while read -r id; do field "$1" "$id" '{{.Name}} {{.State.Status}}'; done
}
write_project() {
  lab exec "$1" sh -c 'mkdir -p /root/shop && cat >/root/shop/docker-compose.yml' <<'END'
version: "2.4"
x-base: &base
  image: app:1
  command: sh -c 'trap "exit 0" TERM; while :; do sleep 1; done'
services:
  db:
    <<: *base
    restart: always
    volumes: ["dbdata:/data"]
  cache:
    <<: *base
    networks: { back: { aliases: [redis] } }
  web:
    <<: *base
    depends_on: [db, cache]
    ports: ["8080:80"]
    volumes: ["/anon"]
    networks: [default, back]
volumes:
  dbdata: {}
networks:
  back: { internal: true }
END
}

compose_finds_its_project_there() {
  write_project h1
  write_project h2
  compose_on h1 up -d >/dev/null 2>&1
  local service
  for service in db cache web; do arrives "shop_${service}_1"; done
  compose_on h2 ps >"$work/ps"
  equal "$(grep -c ' Up ' "$work/ps")" 3
  compose_states h2 >"$work/here"
  # Nothing to do there: same configuration, same image.
  compose_on h2 up -d >"$work/out" 2>&1
  equal "$(grep -c 'up-to-date' "$work/out")" 3
  equal "$(compose_states h2)" "$(<"$work/here")"
  docker_on h2 exec shop_web_1 nslookup redis 127.0.0.11 >/dev/null
}

compose_starts_no_twin_on_the_old_host() {
  fails_with 'option "plimsoll.moved-to-h2" has changed' compose_on h1 up -d
  fails_with 'option "plimsoll.moved-to-h2" has changed' compose_on h1 up -d --force-recreate
  fails_with 'option "plimsoll.moved-to-h2" has changed' compose_on h1 run db true
  fails compose_on h1 start
  compose_on h1 restart >/dev/null 2>&1 || true
  equal "$(docker_on h1 ps -q --filter label=com.docker.compose.project=shop)" ''
  local retired
  retired=$(docker_on h1 ps -a --format '{{.Names}}' | grep '^shop_db_1--retired')
  fails_with 'network moved-to-h2--plimsoll-show-[a-z0-9]* not found\|network .* not found' \
    docker_on h1 start "$retired"
  lab kill h1 dockerd
  until_true 60 docker_on h1 info >/dev/null 2>&1
  fails docker_on h1 start "$retired"
}

compose_service_without_a_network_starts_no_twin() {
  lab exec h1 sh -c 'mkdir -p /root/solo && cat >/root/solo/docker-compose.yml' <<'END'
version: "2.4"
services:
  solo:
    image: app:1
    network_mode: bridge
    command: sh -c 'trap "exit 0" TERM; while :; do sleep 1; done'
END
  lab exec h1 docker-compose -f /root/solo/docker-compose.yml up -d >/dev/null 2>&1
  arrives solo_solo_1
  fails_with 'network moved-to-h2--plimsoll-show-[a-z0-9]* not found' \
    lab exec h1 docker-compose -f /root/solo/docker-compose.yml up -d
}

# A twin that a person makes all the same is told of.
twin_is_reported() {
  docker_on h1 run -d --name twin --label com.docker.compose.project=shop \
    --label com.docker.compose.service=db --label com.docker.compose.container-number=1 \
    app:1 sh -c "$program" >/dev/null
  ask check >"$work/report" || true
  grep -q "warn  docker h1: 'twin' runs there, though it moved away" "$work/report"
  docker_on h1 rm -f twin >/dev/null
}

# undo NAME [OPTION of plimsoll…]: of its last move.
undo() {
  local id
  id=$(ask history --limit 1000 --json | jq -r --arg name "$1" \
    '[.moves[] | select(.container == $name and .state == "SourceRetired")][0].id')
  ask "${@:2}" undo "$id" >"$work/out" 2>"$work/error" || { tail -n 3 "$work/error" >&2 && false; }
}
undo_brings_a_project_back() {
  local service
  docker_on h2 exec shop_db_1 sh -c 'echo written there >/data/late'
  for service in web cache db; do undo "shop_${service}_1"; done
  compose_on h1 up -d >"$work/out" 2>&1
  equal "$(grep -c 'up-to-date' "$work/out")" 3
  equal "$(docker_on h1 exec shop_db_1 cat /data/late)" 'written there'
  docker_on h1 exec shop_web_1 nslookup redis 127.0.0.11 >/dev/null
  fails_with 'option "plimsoll.moved-to-h1" has changed' compose_on h2 up -d
}
undo_that_fails_leaves_the_guard() {
  arrives shop_cache_1
  fails_with 'hook pre_stop' undo shop_cache_1 --set 'hooks.pre_stop=["/bin/false"]'
  equal "$(state_of h2 shop_cache_1)" running
  fails docker_on h1 start "$(docker_on h1 ps -a --format '{{.Names}}' | grep '^shop_cache_1--retired')"
}

project_may_come_back() {
  migrate shop_cache_1 --from h2 --to h1 || { tail -n 3 "$work/error" >&2 && false; }
  equal "$(state_of h1 shop_cache_1)" running
  equal "$(docker_on h1 network inspect -f '{{index .Labels "com.docker.compose.network"}}' shop_back)" \
    back
}

begin_tests dockerd docker-compose jq sshd lsblk
for test in fleet_is_up process_settings_arrive limits_arrive isolation_settings_arrive \
  networks_arrive mounts_arrive links_arrive only_running_containers_move \
  refused_before_anything_is_touched full_folders_and_other_networks_are_left_alone \
  check_says_what_becomes_of_it compose_finds_its_project_there \
  compose_starts_no_twin_on_the_old_host compose_service_without_a_network_starts_no_twin \
  twin_is_reported undo_brings_a_project_back undo_that_fails_leaves_the_guard project_may_come_back \
  down_leaves_nothing; do
  run "$test"
done
finish_tests
