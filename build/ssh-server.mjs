import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import ssh2 from "ssh2";

/**
 * A host to log in to on this machine, for the first run: with the algorithms that most servers choose. Its inventory and
 * the keys of both sides go into a directory.
 */
export async function startServer(dir) {
  const [host, user] = [1, 2].map(() => ssh2.utils.generateKeyPairSync("ed25519"));
  const allowed = ssh2.utils.parseKey(user.public).getPublicSSH();
  const server = new ssh2.Server({ hostKeys: [host.private] }, (client) => serve(client, allowed));
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  writeFileSync(join(dir, "id_ed25519"), user.private, { mode: 0o600 });
  writeFileSync(join(dir, "known_hosts"), `[127.0.0.1]:${port} ${host.public}\n`);
  const ssh = { port, user: "builder", identity_file: join(dir, "id_ed25519"), identity_agent: "none", known_hosts_file: join(dir, "known_hosts") };
  writeFileSync(join(dir, "inventory/away.yml"), JSON.stringify({ web: { hosts: { away: { ansible_host: "127.0.0.1", ssh } } } }));
  return server;
}

function serve(client, allowed) {
  client.on("authentication", (attempt) => {
    const isKnown = attempt.method === "publickey" && attempt.key.data.equals(allowed);
    const isGood = isKnown && (!attempt.signature || ssh2.utils.parseKey(`${attempt.key.algo} ${allowed.toString("base64")}`).verify(attempt.blob, attempt.signature, attempt.hashAlgo) === true);
    if (isGood) attempt.accept();
    else attempt.reject(["publickey"]);
  });
  client.on("session", (accept) => {
    accept().on("exec", (acceptExec, _reject, { command }) => {
      const channel = acceptExec();
      const child = spawn("sh", ["-c", command]);
      channel.pipe(child.stdin);
      child.stdout.pipe(channel, { end: false });
      child.stderr.pipe(channel.stderr);
      child.on("close", (code) => {
        channel.exit(code ?? 1);
        channel.end();
      });
    });
  });
  client.on("error", () => undefined);
}
