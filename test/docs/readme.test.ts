import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type } from "../cli/_cli.ts";
import { fenced } from "./read.ts";

const project = join(import.meta.dirname, "../..");
const readme = readFileSync(join(project, "README.md"), "utf8");

test("the playbook of README.md is cut out of the demo's, line by line", () => {
  const [playbook] = fenced(readme, "yaml");
  const lines = readFileSync(join(project, "playbooks/registry.yml"), "utf8").split("\n");
  let at = 0;
  for (const line of playbook!.text.split("\n").filter((each) => each !== "")) {
    const found = lines.indexOf(line, at);
    expect({ line, found: found >= 0 }).toEqual({ line, found: true });
    at = found + 1;
  }
});

/** What stands behind `--` is the person's own, and so is the command in front of it. */
const commands = [...readme.matchAll(/^ {4}npx (run|bowline \w+)(.*?)(?: {2,}.*)?$/gm)].filter(([line]) => !line.includes(" -- ")).map(([, command, words]) => [command!, words!] as const);

test("README.md has commands", () => expect(commands.length).toBeGreaterThan(6));

test.each(commands)("%s%s is a command with these options", async (command, words) => {
  const { stdout } = await type(`${command.replace("bowline ", "")} ${words.split(" ").filter((word) => /^\w+$/.test(word) && command.endsWith("secrets")).join(" ")} --help`);
  expect(stdout).toContain(`Usage: bowline ${command.replace("bowline ", "")}`);
  for (const option of words.split(" ").filter((word) => word.startsWith("-"))) expect(stdout).toMatch(new RegExp(`^  (-\\w, )?${option}\\b`, "m"));
});
