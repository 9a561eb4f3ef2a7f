/** The words of the page of `container`: what it does otherwise than OpenSVC, and why. */
export const containerNotes = `
* **What exists is kept.** A stopped container of this name is started again; nothing is thrown away because somebody ran a playbook. \`state: down\`
  stops it and keeps it. Only \`state: absent\` and \`on_drift: recreate\` remove one, and never its volumes.
* **Drift is always said.** The container is compared with its arguments, one by one, and with the image that its name stands for *now*: \`status\` says
  "running container is based on image X instead of Y", "ports: … instead of …". For variables only the names are said. What the arguments leave open must be as the
  image has it. OpenSVC compared the image only, and took every name of twelve characters for an id; here docker says what a name stands for.
* **on_drift: recreate** puts the old container aside, makes the new one, waits until it is ready, and only then removes the old one. When anything goes
  wrong the old one is put back and started. It goes on to its end when the connection is lost; one that the host itself has interrupted is finished by the next run, whatever
  \`on_drift\` says. Volumes without a name go over to the new container.
* **Up means up.** With \`ready\`, a run waits until a process inside listens on the port, or the URL answers with the status; each look at the host asks again, so \`status\`
  says when a container runs but is not ready. Without \`ready\` it must stay up for \`settle\` seconds. One that ends fails the task at once, with its exit code and the end of
  its log; OpenSVC waited ten minutes for it. A container made by this task that ends at once is removed again; one that is only late is kept.
* **Refused, before anything is touched**: the daemon does not run; the image is not on it (\`image\` brings it: nothing is pulled here); a volume's source is not on the host (docker would
  make an empty directory, and the service would start without its data); a port is taken, with the name of who has it.
* **run_args** is the options string of \`docker run\`, cut into words as a shell does it (OpenSVC cut at blanks) and read into the same arguments, so the drift of each is
  seen. An option that has no argument here is an error that names it. \`-d\` is always so; \`--name\` must be the name.
* **No restart policy** is the default: what runs is decided by the playbook alone, and containers come up in its order, after their filesystems. With \`always\` the daemon starts
  them as soon as it runs.
* Values of \`env\` go through a pipe; no process has them in its command line. They cannot hold a newline. \`docker inspect\` shows them to whoever may use the daemon.
* \`ports\` without an address are published on the daemon's \`--ip\`.
* **down** asks with the stop signal, waits \`stop_timeout\`, and then docker kills; it fails when the container runs all the same. When no daemon listens on the socket, the container is
  down (\`dockerd\` with \`state: down\` looks for containers that outlived theirs). A daemon that does not answer, or may not be asked, is an error: nobody knows what runs on it.
`;

export const containerExamples = [
  {
    title: "The registry, ready when it answers",
    yaml: `container:
  name: registry
  image: registry:2
  socket: /run/dockerd-registry.sock
  ports: 10.0.2.71:5000:5000
  volumes: /opt/registry.example.com/registrydata:/var/lib/registry
  ready: { http: "http://10.0.2.71:5000/v2/" }`,
  },
  {
    title: "The options of a docker run, as they are",
    yaml: `container:
  name: registry.opensvc.com.container.1
  image: registry:2
  run_args: -v /opt/registry.opensvc.com/registrydata:/registrydata -e STORAGE_PATH=/registrydata -p 5000:5000`,
  },
  {
    title: "Made anew when the image behind the tag or an argument changes",
    yaml: `container:
  name: web
  image: web:stable
  command: [serve, --port, "8080"]
  env: { MODE: production }
  ports: ["80:8080"]
  memory: 512m
  ready: { port: 8080, timeout: 120 }
  on_drift: recreate`,
  },
  { title: "Stopped and removed; its volumes are kept", yaml: "container: { name: web, state: absent }" },
];
