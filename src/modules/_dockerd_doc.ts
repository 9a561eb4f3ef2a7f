/** The words of the page of `dockerd`: what it does otherwise than OpenSVC, and why. */
export const dockerdNotes = `
The daemon is private: it has its own socket, data root, exec root and pid file, and lives beside the host's own. Only its
containers end when it ends. Its client is one command away: \`docker -H unix:///run/dockerd-NAME.sock images\`.

* **It lies on its filesystem, or it is not started.** The mountpoint that carries the data root is the longest one on the way to it,
  compared by whole path components and with symbolic links followed. With \`filesystem\` it must be exactly that one; without, it
  must not be \`/\`. A service with nested filesystems gives \`filesystem\`, so that the inner one cannot be missing unnoticed.
  OpenSVC compared the beginning of strings, and only warned; here nothing is started, since the images would fill the disk below the mountpoint. A daemon that runs
  although its filesystem is gone fails the task too.
* **Nobody else has its places**: a dockerd that shares its data root, socket, exec root or pid file is named, and nothing is started beside it.
* **It outlives the session**: a session of its own (setsid), nothing open, working directory \`/\`. Its output goes to \`log_file\`, which grows:
  rotate it with \`copytruncate\`. Nothing starts it again at boot; Bowline does when it runs. Where logind has \`KillUserProcesses=yes\`, a daemon
  started through sudo ends with the user's last login: set \`KillUserProcesses=no\`.
* **It is running** when a process is a dockerd with this socket and this data root, and it answers. The pid file is not trusted: one that is stale is
  removed, and the change says so; the process that has the pid by now is never touched. A socket that nobody serves is removed, too.
* **It answers, or it has failed**: the start waits until the client gets an answer. When dockerd ends first, or \`start_timeout\` is over, the task fails with the end
  of the log. One that ends only because its containerd was not up within dockerd's fixed 15 s is started again while there is time. OpenSVC waited five seconds and went on.
* **Other arguments** than those it runs with are said (\`run\` and \`status\`: "arguments differ: …"); \`on_drift: restart\` starts it again, and with it the
  containers that ran. When it does not start with the new arguments, it is started with the old ones and the task fails. OpenSVC did not look.
* **Down** waits for the end of dockerd and of the containerd it started, so that the unmount after it finds nobody. It is refused while containers run
  (\`force: true\` overrides: they are stopped first, since dockerd would leave behind what takes longer than 15 s), which is looked at
  once more just before the signal, and nothing is killed unless \`kill: true\` says so. Once begun, a stop or a restart is finished even when the connection is lost. OpenSVC sent a signal and did not wait.
* **Containers do not start by themselves**: give them no restart policy (the default of \`container\`); then the order of the playbook alone decides what runs.
* Every dockerd reads /etc/docker/daemon.json. What stands there and in \`args\` is an error of dockerd (its log says which); \`args: --config-file /path\` parts them.
* Two daemons share the bridge docker0 and would give the same addresses twice: when both have containers with published ports, give one of them a bridge
  (\`args: --bridge NAME\`, made before). Beware of \`--bridge none\`: a dockerd that starts with it deletes docker0, and with it the network of every
  container of the others.
* A proxy for its pulls is set with the task's \`environment\` (\`HTTPS_PROXY\`), which the daemon keeps.
`;

export const dockerdExamples = [
  {
    title: "A daemon on the service's own filesystem, publishing ports on the service's address",
    yaml: `dockerd:
  name: registry
  data_root: /opt/registry.example.com/dockerdata
  filesystem: /opt/registry.example.com/dockerdata
  args: --ip 10.0.2.71`,
  },
  {
    title: "Every path named, restarted when the arguments change",
    yaml: `dockerd:
  socket: /run/registry/docker.sock
  data_root: /srv/docker
  exec_root: /run/registry/exec
  pid_file: /run/registry/docker.pid
  log_file: /var/log/registry-dockerd.log
  args: [--ip, 10.0.2.71, --log-level, warn]
  on_drift: restart`,
  },
  { title: "Down, containers and all", yaml: "dockerd: { name: registry, data_root: /srv/docker, state: down, force: true }" },
];
