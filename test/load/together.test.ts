import { BowlineError } from "../../src/core/errors.ts";
import { eachTogether } from "../../src/load/together.ts";
import { problemsFrom } from "./_files.ts";

test("no more than so many are at work at the same time, and results keep their order", async () => {
  let atWork = 0;
  let most = 0;
  const results = await eachTogether([5, 1, 4, 2, 3], 2, async (item) => {
    most = Math.max(most, ++atWork);
    for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
    atWork -= 1;
    return item * 10;
  });
  expect({ results, most }).toEqual({ results: [50, 10, 40, 20, 30], most: 2 });
});

test("the mistakes of all are told, in order", async () => {
  const fail = (item: number) => (item % 2 === 0 ? Promise.resolve(item) : Promise.reject(new BowlineError({ code: "E_FILE", message: `no ${item}` })));
  expect((await problemsFrom(() => eachTogether([1, 2, 3], 1, fail))).map(({ message }) => message)).toEqual(["no 1", "no 3"]);
});

test("of nothing there is nothing to wait for", async () => expect(await eachTogether([], 4, () => Promise.resolve(1))).toEqual([]));
