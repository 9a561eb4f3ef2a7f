import { FakeHost } from "./fake-transport.ts";
import { recap, trial } from "./kit.ts";

const four = ["a", "b", "c", "d"];
/** A play for all of these tasks, written at column 1. */
const play = (keys: string, tasks: string) => `- hosts: all\n${keys.replaceAll(/^(?=.)/gm, "  ")}\n  tasks:\n${tasks.replaceAll(/^(?=.)/gm, "    ")}`;

describe("a batch that is through", () => {
  const body = "- {name: one, act: say x}\n- {name: two, thing: {name: x}}\n";
  const opened = async (text: string, world = fleet()) => {
    let most = 0;
    const open = () => Object.values(world).reduce((sum, { connects, closes }) => sum + connects - closes, 0);
    for (const host of Object.values(world)) host.onScript = () => (most = Math.max(most, open()));
    const outcome = await trial(text, { hosts: four, world });
    expect(outcome.problems).toEqual([]);
    return { most, connects: Object.values(world).map(({ connects }) => connects), closes: Object.values(world).map(({ closes }) => closes) };
  };
  const fleet = () => Object.fromEntries(four.map((host) => [host, new FakeHost()]));

  test("lets its connections go before the next one opens any", async () => {
    expect(await opened(play("serial: 1", body))).toEqual({ most: 1, connects: [1, 1, 1, 1], closes: [1, 1, 1, 1] });
    expect(await opened(play("serial: 3", body))).toMatchObject({ most: 3, connects: [1, 1, 1, 1] });
  });

  test("keeps those that a later play needs", async () => {
    expect(await opened(`${play("serial: 1", body)}${play("", body)}`)).toEqual({ most: 4, connects: [1, 1, 1, 1], closes: [1, 1, 1, 1] });
  });

  test("is connected to again when a later host delegates to it", async () => {
    const outcome = await opened(play("serial: 1", '- {name: one, act: say x}\n- {name: two, act: say y, delegate_to: a, when: "inventory_hostname == \'d\'"}\n'));
    expect(outcome.connects).toEqual([2, 1, 1, 1]);
    expect(outcome.closes).toEqual([2, 1, 1, 1]);
  });

  test("keeps them where another name of the machine counts on the lock that one of them holds", async () => {
    const world = fleet();
    world["b"]!.lockedBy = "r1 by me since now";
    expect((await opened(play("serial: 2", body), world)).most).toBe(4);
  });
});

describe("no host starves", () => {
  test("one that hangs has one place among the forks, and all others go through the whole play meanwhile", async () => {
    const names = ["slow", ...Array.from({ length: 30 }, (_, index) => `h${index}`)];
    const world = Object.fromEntries(names.map((name) => [name, new FakeHost()]));
    let done = 0;
    let release: () => void = () => undefined;
    const allOthers = new Promise<void>((resolve) => (release = resolve));
    for (const name of names.slice(1)) world[name]!.onScript = (line) => (line.includes("last") && (done += 1) === 30 ? release() : undefined);
    world["slow"]!.waitFor = () => allOthers;
    const outcome = await trial(play("strategy: free", "- {name: one, act: say first}\n- {name: two, act: say last}\n"), { hosts: names, forks: 2, world });
    expect(outcome.events.filter((event) => event.type === "host:end").map((event) => event.host).slice(-2)).toEqual(["slow", "slow"]);
    expect(names.map((name) => recap(outcome, name)["ok"])).toEqual(names.map(() => 2));
  });

  test("side by side, no host begins a task a second time before each has had its turn, in their order", async () => {
    const names = Array.from({ length: 30 }, (_, index) => `h${index}`);
    const outcome = await trial(play("", "- {name: one, act: say x}\n- {name: two, act: say y}\n"), { hosts: names, forks: 4 });
    expect(outcome.events.filter((event) => event.type === "host:start").map((event) => event.host)).toEqual([...names, ...names]);
  });
});
