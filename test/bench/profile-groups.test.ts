import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { groupOf, sourcesOf, type Frame } from "./profile-groups.ts";

const frame = (functionName: string, source: string, lineNumber = 7): Frame => ({ functionName, source, lineNumber });
const started = [frame("commanded", "src/main.ts"), frame("start", "src/main.ts"), frame("(anonymous)", "src/main.ts", 0), frame("run", "node:internal/modules/esm/module_job")];

test.each<[string, Frame[], string]>([
  ["a function of a part is its own", [frame("plan", "src/modules/directory.ts"), frame("once", "src/execute/task.ts")], "modules: looks, what they say, plans"],
  ["what all use counts for its caller", [frame("writeBuffer", ""), frame("quoted", "src/core/sh.ts"), frame("send", "src/transport/frame.ts"), frame("once", "src/execute/task.ts")], "SSH: handshake, encryption, session"],
  ["a package counts for the part that it is for", [frame("parse", "node_modules/yaml/dist/compose/composer.js"), frame("load", "src/load/playbook.ts")], "reading YAML"],
  ["what a file does when it is loaded is loading", [frame("object", "node_modules/zod/v4/classic/schemas.js"), frame("(anonymous)", "src/modules/args.ts", 0), frame("run", "node:internal/modules/esm/module_job")], "loading code"],
  ["so is a package that is bundled with its own start", [frame("(anonymous)", "node_modules/x/a.js"), frame("node_modules/x/a.js", "node_modules/x/a.js"), ...started], "loading code"],
  ["what the first file starts is not", [frame("program", "src/cli/program.ts"), ...started], "command line"],
  ["what is written to the terminal counts for who writes", [frame("write", "src/main.ts"), frame("line", "src/reporters/plain.ts")], "events, journal, output"],
  ["nobody's is Node's", [frame("listOnTimeout", "node:internal/timers")], "Node.js: streams, sockets, timers"],
  ["idle is waiting", [frame("(idle)", ""), frame("(root)", "")], "waiting"],
])("%s", (_what, stack, group) => expect(groupOf(stack)).toBe(group));

test("the lines of a bundle are traced to the files that it was made from", async () => {
  const dir = await mkdtemp(join(tmpdir(), "bowline-profile-"));
  const file = join(dir, "chunk.js");
  await writeFile(file, ["import x from 'y';", "// src/core/sh.ts", "function sh() {}", "// ../elsewhere/node_modules/zod/v4/core.js", "function z() {}", "// a comment of src/core/sh.ts", ""].join("\n"));
  const url = pathToFileURL(file).href;
  const sources = sourcesOf([url, "node:net", "file:///a/node_modules/ssh2/lib/client.js", ""], dir);
  const at = (url: string, lineNumber: number, columnNumber = 0) => ({ url, lineNumber, columnNumber });
  expect([2, 4, 6].map((line) => sources(at(url, line)))).toEqual(["src/core/sh.ts", "node_modules/zod/v4/core.js", "node_modules/zod/v4/core.js"]);
  expect(["node:net", "file:///a/node_modules/ssh2/lib/client.js", ""].map((each) => sources(at(each, 1)))).toEqual(["node:net", "node_modules/ssh2/lib/client.js", ""]);
  // Line 0: column 0 is of the first source, column 8 of the second.
  await writeFile(`${file}.map`, JSON.stringify({ version: 3, sources: ["../../src/core/step.ts", "../node_modules/yaml/dist/doc.js"], names: [], mappings: "AAAA,QCAA" }));
  const mapped = sourcesOf(["chunk.js"], dir);
  expect([0, 7, 8, 20].map((column) => mapped(at("chunk.js", 0, column)))).toEqual(["src/core/step.ts", "src/core/step.ts", "node_modules/yaml/dist/doc.js", "node_modules/yaml/dist/doc.js"]);
  await rm(dir, { recursive: true });
});
