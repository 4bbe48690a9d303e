#pragma once

#include <string>

#include "docker/inspect.h"

namespace plimsoll {

inline const std::string test_container_id = std::string(12, 'a') + std::string(52, '0');

/// What `docker inspect` says of a container with a little of everything, in 20.10's form.
inline json::value container_document() {
  return json::parse(R"({
    "Id": ")" + test_container_id +
                     R"(", "Name": "/web", "Image": "sha256:1111",
    "Driver": "overlay2", "RestartCount": 0,
    "State": {"Status": "running", "Running": true, "Pid": 77, "ExitCode": 0,
              "StartedAt": "2026-11-22T12:00:00.5Z"},
    "GraphDriver": {"Name": "overlay2",
      "Data": {"UpperDir": "/var/lib/docker/overlay2/abc/diff"}},
    "HostConfig": {"Binds": ["data:/data"], "NetworkMode": "front", "Memory": 67108864,
      "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": ""}]}, "PublishAllPorts": false,
      "RestartPolicy": {"Name": "always", "MaximumRetryCount": 0}, "AutoRemove": false,
      "CapAdd": null, "Privileged": false, "NanoCpus": 500000000},
    "Mounts": [
      {"Type": "volume", "Name": "data", "Source": "/var/lib/docker/volumes/data/_data",
       "Destination": "/data", "Driver": "local", "RW": true},
      {"Type": "volume", "Name": ")" +
                     std::string(64, 'b') + R"(",
       "Source": "/var/lib/docker/volumes/bb/_data", "Destination": "/anon",
       "Driver": "local", "RW": true}],
    "Config": {"Hostname": ")" +
                     std::string(12, 'a') + R"(", "User": "", "Image": "app:1",
      "Env": ["SECRET=hush", "PATH=/bin"], "Cmd": ["serve"], "Entrypoint": null,
      "WorkingDir": "/srv", "Volumes": {"/anon": {}}, "ExposedPorts": {"80/tcp": {}},
      "Labels": {"team": "blue", "maker": "us", "plimsoll.move.id": "old"}},
    "NetworkSettings": {
      "Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "49153"},
                           {"HostIp": "::", "HostPort": "49153"}]},
      "Networks": {
        "front": {"IPAMConfig": {"IPv4Address": "172.30.0.5"}, "Aliases": ["www", "aaaaaaaaaaaa"],
                  "NetworkID": "n1", "IPAddress": "172.30.0.5", "MacAddress": "02:42:ac:1e:00:05"},
        "back": {"IPAMConfig": null, "Aliases": null, "NetworkID": "n2"}}}
  })");
}

inline json::value image_document() {
  return json::parse(R"({
    "Id": "sha256:1111", "Architecture": "amd64", "Size": 5000000, "RepoTags": ["app:1"],
    "RootFS": {"Type": "layers", "Layers": ["sha256:aa", "sha256:bb"]},
    "Config": {"Env": ["PATH=/bin"], "Cmd": ["serve"], "Entrypoint": null, "WorkingDir": "/srv",
               "Labels": {"maker": "us"}, "ExposedPorts": {"80/tcp": {}}}
  })");
}

inline ContainerInspect container_of(json::value document) {
  return parse_container_inspect(std::move(document)).value();
}
inline ImageInspect image_of(json::value document) {
  return parse_image_inspect(std::move(document)).value();
}

}  // namespace plimsoll
