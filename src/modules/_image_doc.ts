/** The words of the page of `image`. */
export const imageNotes = `
The image must be on a daemon before a container starts from it; \`container\` never pulls by itself. OpenSVC left it to \`docker run\`, which
pulled while the service started, and could not pull the bare id that its configuration named.

There are three ways, and each works without the other two:

1. **pull** (nothing else given) from the registry in its name, or from Docker Hub. With \`digest\`, exactly this one is pulled, and then tagged.
   Credentials are what \`docker login\` left on the host.
2. **archive** or **import** send a file from the controller. It is sent only when the image is not there; the file on the host is removed in any case.
   It goes to the directory \`tmp\` of the daemon's data root: an image for which there is no room there could not be loaded either, and the daemon
   empties it when it starts, should the controller die on the way.
3. **archive_path** or **import_path** use a file that is on the host.

* \`docker save\` makes an archive with layers and settings, \`docker export\` or tar make a tar that \`import\` takes; \`changes\` then gives
  it the settings (\`CMD\`, \`ENTRYPOINT\`, \`ENV\`, …).
* An image that is there under its name is right, unless \`id\` or \`digest\` says otherwise: then it is brought again. An archive is not compared
  with what is there; to follow a tag that moves, give it an \`id\` or a \`digest\`. What comes with another \`id\` does not keep the
  name: what had it before gets it back.
* An archive that does not know the name, but holds one image only, has this image tagged with the name.
* \`down\` leaves images alone: they lie on the service's filesystem and go with it.
`;

export const imageExamples = [
  { title: "Pulled", yaml: "image: { name: registry:2, socket: /run/dockerd-registry.sock }" },
  {
    title: "Exactly this one, by digest",
    yaml: `image:
  name: registry:2
  digest: sha256:8a60daaa55ab0df4607c4d8625b96b97b06fd2e6ca8528275472963c4ae8afa0`,
  },
  { title: "Sent from the controller", yaml: "image: { name: registry:2, archive: files/registry.tar, socket: /run/dockerd-registry.sock }" },
  {
    title: "Imported from a root filesystem that the host has",
    yaml: `image:
  name: tools:1
  import_path: /var/cache/tools.tar
  changes: ['CMD ["/bin/sh"]', ENV LANG=C.UTF-8]`,
  },
  { title: "Taken away", yaml: "image: { name: busybox:latest, state: absent }" },
];
