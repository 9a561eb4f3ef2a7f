import { unlike } from "../../src/compile/alike.ts";
import type { HostEntry } from "../../src/compile/program.ts";
import { nodeOf } from "../../src/core/node.ts";

const at = { file: "vars.yml", line: 1, column: 1 };
const shared = nodeOf("{{ base }}/x", at);

function host(name: string, variables: Readonly<Record<string, unknown>>, level: HostEntry["variables"][number]["level"] = "inventory host"): HostEntry {
  const definitions = Object.entries(variables).map(([key, value]) => ({ name: key, value: value === shared ? shared : nodeOf(value, at), level }));
  return { name, groups: [], variables: definitions };
}

describe("hosts that a check of names cannot tell from each other", () => {
  test.each<[string, HostEntry, HostEntry]>([
    ["with other values that hold no template", host("a", { port: 1, path: shared }), host("b", { port: 2, path: shared })],
    ["without any variables", host("a", {}), host("b", {})],
  ])("are one: %s", (_, one, other) => {
    expect(unlike([one, other])).toEqual([one]);
  });

  test.each<[string, HostEntry, HostEntry]>([
    ["of other names", host("a", { port: 1 }), host("b", { prot: 1 })],
    ["with templates of their own", host("a", { url: "{{ x }}" }), host("b", { url: "{{ y }}" })],
    ["of another strength", host("a", { port: 1 }), host("b", { port: 1 }, "inventory group")],
  ])("are two: %s", (_, one, other) => {
    expect(unlike([one, other])).toEqual([one, other]);
  });
});
