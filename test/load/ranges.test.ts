import { expandRange, hostsAndPort } from "../../src/load/ranges.ts";
import { placed, problemsFrom } from "./_files.ts";

const at = { file: "hosts", line: 1, column: 1 };

test.each<[string, string[]]>([
  ["web", ["web"]],
  ["web[1:3]", ["web1", "web2", "web3"]],
  ["web[08:11].example.com", ["web08.example.com", "web09.example.com", "web10.example.com", "web11.example.com"]],
  ["n[1:9:4]", ["n1", "n5", "n9"]],
  ["db-[a:c]", ["db-a", "db-b", "db-c"]],
  ["[X:Z]", ["X", "Y", "Z"]],
  ["[y:B]", ["y", "z", "A", "B"]],
  ["n[:2]", ["n0", "n1", "n2"]],
  ["n[00:09:3]", ["n00", "n03", "n06", "n09"]],
  ["n[9:11]", ["n9", "n10", "n11"]],
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
  ["n[1:]", "[1:] is not a range of hosts"],
  ["n[B:y]", "a range of hosts must go upwards"],
  ["n[01:100]", "[01:100]: with a leading zero both ends must be as wide"],
  ["n[1:99999999]", "[1:99999999] stands for more than 1000000 hosts"],
  ["n[1:2000]-[1:2000]", "n[1:2000]-[1:2000] stands for more than 1000000 hosts"],
])("%s is refused: %s", async (name, message) => {
  expect((await problemsFrom(() => expandRange(name, at))).map(placed)).toEqual([`1:1: ${message}`]);
});

test.each<[string, string[], number | undefined]>([
  ["web", ["web"], undefined],
  ["web:2222", ["web"], 2222],
  ["web[1:2]:2222", ["web1", "web2"], 2222],
  ["[a:b].example.com:22", ["a.example.com", "b.example.com"], 22],
  ["192.0.2.1:22", ["192.0.2.1"], 22],
  ["2001:db8::1", ["2001:db8::1"], undefined],
  ["::1", ["::1"], undefined],
  ["[2001:db8::1]:22", ["2001:db8::1"], 22],
])("%s stands for %j with the port %s", (word, names, port) => {
  expect(hostsAndPort(word, at)).toEqual({ names, ...(port === undefined ? {} : { port }) });
});

test("a colon without a port is refused, for it is YAML's", async () => {
  const [problem] = await problemsFrom(() => hostsAndPort("web:", at));
  expect(problem).toMatchObject({ message: "no port stands behind web:", hint: expect.stringContaining("write web;") });
});
