import { pause } from "../../src/modules/pause.ts";
import { control } from "./_actor.ts";

const { act, badArguments } = control(pause);

test.each<[Record<string, unknown>, object]>([
  [{ seconds: 10 }, { wait: { seconds: 10 }, message: "waited 10 s", data: { delta: 10, stdout: "Paused for 10 seconds", user_input: "" } }],
  [{ seconds: 0 }, { wait: { seconds: 0 } }],
  [{ minutes: 0.5, prompt: "soon" }, { wait: { seconds: 30, prompt: "soon", echo: true } }],
  [{ prompt: "go on?", echo: false }, { wait: { prompt: "go on?", echo: false }, data: { user_input: "" } }],
])("%j", (raw, expected) => {
  expect(act(raw)).toMatchObject({ changed: false, ...expected });
});

test.each<[Record<string, unknown>, string]>([
  [{}, 'pause: takes "seconds", "minutes" or "prompt"'],
  [{ seconds: 1, minutes: 1 }, 'pause: takes one of "seconds" and "minutes"'],
  [{ seconds: "long" }, 'pause: "seconds" must be a number of seconds'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});
