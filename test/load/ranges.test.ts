import { expandRange } from "../../src/load/ranges.ts";
import { placed, problemsFrom } from "./_files.ts";

const at = { file: "hosts", line: 1, column: 1 };

test.each<[string, string[]]>([
  ["web", ["web"]],
  ["web[1:3]", ["web1", "web2", "web3"]],
  ["web[08:11].example.com", ["web08.example.com", "web09.example.com", "web10.example.com", "web11.example.com"]],
  ["n[1:9:4]", ["n1", "n5", "n9"]],
  ["db-[a:c]", ["db-a", "db-b", "db-c"]],
  ["[X:Z]", ["X", "Y", "Z"]],
  ["r[1:2]-n[1:2]", ["r1-n1", "r1-n2", "r2-n1", "r2-n2"]],
  ["n[5:5]", ["n5"]],
])("%s stands for %j", (name, hosts) => {
  expect(expandRange(name, at)).toEqual(hosts);
});

test.each<[string, string]>([
  ["n[3:1]", "a range of hosts must go upwards"],
  ["n[1:9:0]", "a range of hosts must go upwards"],
  ["n[a]", "[a] is not a range of hosts"],
  ["n[1:b]", "[1:b] is not a range of hosts"],
  ["n[]", "[] is not a range of hosts"],
])("%s is refused: %s", async (name, message) => {
  expect((await problemsFrom(() => expandRange(name, at))).map(placed)).toEqual([`1:1: ${message}`]);
});
