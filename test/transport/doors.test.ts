import { setMaxListeners } from "node:events";
import { Doors, TurnedAway, type Clock } from "../../src/transport/doors.ts";
import { local } from "./_host.ts";

const signal = new AbortController().signal;
setMaxListeners(0, signal);
const at = (host: string, port = 22) => ({ ...local, name: host, host, port });
const turnedAway = () => new TurnedAway({ code: "E_UNREACHABLE", message: "x cannot be reached" });

/** Time goes on only by sleeping. */
function fakeClock(): Clock & { readonly sleeps: number[] } {
  let now = 0;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => now,
    sleep: (milliseconds) => {
      sleeps.push(milliseconds);
      now += milliseconds;
      return Promise.resolve();
    },
  };
}

/** Logins that end when they are told to. */
function slowLogins(doors: Doors) {
  const inside: { host: string; end: () => void }[] = [];
  const begun: string[] = [];
  const login = (name: string, host: string, on = signal) =>
    doors.enter(at(host), { signal: on }, async () => {
      begun.push(name);
      await new Promise<void>((resolve) => inside.push({ host, end: resolve }));
    });
  return { login, inside, begun, settle: () => new Promise((resolve) => setImmediate(resolve)) };
}

test("fewer logins are at one sshd at a time than it begins to drop, the first come first, and a slow sshd holds up nobody else", async () => {
  const { login, inside, begun, settle } = slowLogins(new Doors());
  const all = Array.from({ length: 20 }, (_, index) => login(`jump ${index}`, "jump"));
  all.push(login("other", "other"));
  await settle();
  expect(begun).toEqual([...Array.from({ length: 8 }, (_, index) => `jump ${index}`), "other"]);
  let most = 0;
  while (inside.length > 0) {
    most = Math.max(most, inside.filter(({ host }) => host === "jump").length);
    inside.shift()!.end();
    await settle();
  }
  await Promise.all(all);
  expect(most).toBe(8);
  expect(begun.filter((name) => name !== "other")).toEqual(Array.from({ length: 20 }, (_, index) => `jump ${index}`));
});

test("an interruption ends waiting: the work sees it at once", async () => {
  const { login, inside, begun, settle } = slowLogins(new Doors());
  const stopping = new AbortController();
  const all = Array.from({ length: 10 }, (_, index) => login(`${index}`, "jump", stopping.signal));
  await settle();
  expect(begun).toHaveLength(8);
  stopping.abort();
  await settle();
  expect(begun).toHaveLength(10);
  for (const { end } of inside) end();
  await Promise.all(all);
});

test("in no second more logins begin than the start rate says", async () => {
  const clock = fakeClock();
  const doors = new Doors({ startRate: 3, clock });
  const starts: number[] = [];
  for (let index = 0; index < 10; index += 1) await doors.enter(at(`h${index}`), { signal }, () => Promise.resolve(starts.push(clock.now())));
  expect(starts).toEqual([0, 0, 0, 1000, 1000, 1000, 2000, 2000, 2000, 3000]);
});

test("without a start rate nobody waits", async () => {
  const clock = fakeClock();
  const doors = new Doors({ clock });
  for (let index = 0; index < 1000; index += 1) await doors.enter(at(`h${index}`), { signal }, () => Promise.resolve());
  expect(clock.sleeps).toEqual([]);
});

describe("a login that is turned away", () => {
  const tried = async (failures: number, error: () => Error = turnedAway) => {
    const clock = fakeClock();
    const told: string[] = [];
    let tries = 0;
    const work = () => ((tries += 1) > failures ? Promise.resolve("in") : Promise.reject(error()));
    const came = await new Doors({ clock }).enter(at("web1"), { signal, onRetry: (message, host) => told.push(`${host}: ${message}`) }, work).catch((caught: Error) => caught);
    return { came, tries, told, sleeps: clock.sleeps };
  };

  test("comes again, later each time, and says so", async () => {
    const { came, tries, told, sleeps } = await tried(2);
    expect([came, tries]).toEqual(["in", 3]);
    expect(told).toEqual([2, 3].map((next) => `web1: web1:22 turned a login away, as sshd does when too many come at once (MaxStartups); try ${next} of 5 follows`));
    expect(sleeps.every((milliseconds, index) => milliseconds >= 250 * 2 ** index && milliseconds < 750 * 2 ** index)).toBe(true);
  });

  test("gives up in words", async () => {
    const { came, tries } = await tried(Infinity);
    expect(tries).toBe(5);
    expect(came).toMatchObject({ problems: [{ code: "E_UNREACHABLE", message: "x cannot be reached, 5 times", hint: expect.stringContaining("MaxStartups") }] });
    expect(came).not.toBeInstanceOf(TurnedAway);
  });

  test("for another reason does not come again", async () => {
    expect(await tried(Infinity, () => new Error("wrong key"))).toMatchObject({ tries: 1, told: [], came: { message: "wrong key" } });
  });

  test("does not come again when the run was interrupted", async () => {
    let tries = 0;
    const work = () => {
      tries += 1;
      return Promise.reject(turnedAway());
    };
    await expect(new Doors({ clock: fakeClock() }).enter(at("web1"), { signal: AbortSignal.abort() }, work)).rejects.toBeInstanceOf(TurnedAway);
    expect(tries).toBe(1);
  });
});
