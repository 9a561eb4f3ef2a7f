import { anyMode, modeFrom } from "../../src/modules/_mode.ts";

const type = anyMode("Its mode.");

test.each<[string, string, string, string]>([
  ["0750", "0644", "0750", "0750"],
  ["u=rw,g=r,o=", "0777", "0640", "0640"],
  ["u=rwX,g=rX,o=", "0644", "0640", "0750"],
  ["u=rwX,g=rX,o=", "0755", "0750", "0750"],
  ["a+x", "0644", "0755", "0755"],
  ["+x", "0644", "0755", "0755"],
  ["+w", "0444", "0644", "0644"],
  ["=r", "0666", "0444", "0444"],
  ["go-rwx", "0755", "0700", "0700"],
  ["g=u", "0740", "0770", "0770"],
  ["o=g-w", "0760", "0764", "0764"],
  ["u+s,g+s", "0755", "6755", "6755"],
  ["o+t", "0777", "1777", "1777"],
  ["+t", "0777", "1777", "1777"],
  ["g=rx", "2755", "0755", "0755"],
  ["u=", "4755", "0055", "0055"],
  ["a=rX", "0600", "0444", "0555"],
  ["u+x,a=rX", "0600", "0555", "0555"],
])("%s on %s: %s for a file, %s for a directory", (mode, before, file, directory) => {
  expect(type.safeParse(mode).success).toBe(true);
  expect([modeFrom(mode, before, false), modeFrom(mode, before, true)]).toEqual([file, directory]);
});

test.each(["", "64", "0888", "u=rw g=r", "u", "x+r", "u=ru", "u=rw,", 420])("%j is no mode", (mode) => {
  expect(type.safeParse(mode).success).toBe(false);
});
