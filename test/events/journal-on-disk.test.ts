import { jest } from "@jest/globals";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Event } from "../../src/events/event.ts";
import { scenario } from "../reporters/scenario.ts";

/** What the journal asks of the kernel, in order; all of it is done as well. */
const asked: string[] = [];
jest.unstable_mockModule("node:fs", () => ({
  ...fs,
  writeSync: (fd: number, bytes: Buffer, offset: number) => {
    asked.push(`write ${(JSON.parse(bytes.toString("utf8")) as Event).type}`);
    return fs.writeSync(fd, bytes, offset);
  },
  fsyncSync: (fd: number) => {
    asked.push(fs.fstatSync(fd).isDirectory() ? "fsync directory" : "fsync");
    fs.fsyncSync(fd);
  },
}));
const { openJournal } = await import("../../src/events/journal.ts");

test("the file's name, every step that will change a host, and the end of the run are forced to disk before write returns", () => {
  const dir = fs.mkdtempSync(join(tmpdir(), "bowline-journal-"));
  try {
    const journal = openJournal(dir, "r1");
    for (const event of scenario) {
      journal.write(event);
      asked.push("returned");
    }
    journal.close();
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
  const forced = ["step:start", "run:end"];
  expect(asked).toEqual(["fsync directory", ...scenario.flatMap(({ type }) => [`write ${type}`, ...(forced.includes(type) ? ["fsync"] : []), "returned"])]);
});
