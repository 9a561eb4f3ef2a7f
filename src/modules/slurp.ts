import { absolutePath } from "./args.ts";
import { defineAction } from "./contract.ts";
import { lazily } from "./_lazy.ts";

/** More would have to be kept in the variables of every host. */
const limit = 16 * 1024 * 1024;

export const slurp = defineAction({
  name: "slurp",
  summary: "Read a file of the host into a variable.",
  notes: `
* \`register\` gets \`content\`, which is base64 whatever is in the file, \`encoding\` and \`source\`: \`{{b64decode result.content}}\`.
* A file of more than 16 MiB is refused.
`,
  args: lazily(() => ({ src: absolutePath("The file on the host.") })),
  otherNames: { path: "src", file: "src" },
  examples: [{ title: "The public key of a host", yaml: "slurp:\n  src: /etc/ssh/ssh_host_ed25519_key.pub\nregister: host_key" }],
  readOnly: () => true,
  steps: ({ src }) => [{ kind: "fetch", path: src, limit }],
  outcome({ src }, answers) {
    const answer = answers.at(-1);
    if (answer?.code !== 0) return { changed: false, failed: `${src} cannot be read: ${answer?.stderr.trim() || "no answer"}` };
    return { changed: false, data: { content: answer.stdout, encoding: "base64", source: src } };
  },
});
