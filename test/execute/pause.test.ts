import { resultOf, said, statuses, trial, warnings } from "./kit.ts";

const play = (tasks: string) => `- hosts: all\n  tasks:\n${tasks.replace(/^(?=.)/gm, "    ")}`;

const asking = 'pause: {prompt: go on?}\n  register: answer\n- act: say {{ answer.user_input }}\n';

test("pause asks once for all hosts, and what was typed is registered on each", async () => {
  const asked: string[] = [];
  const outcome = await trial(play(`- ${asking}`), { hosts: ["a", "b"], ask: (question) => Promise.resolve(asked.push(question) > 1 ? "again" : "yes") });
  expect(asked).toEqual(["go on?"]);
  expect([said(outcome, "a"), said(outcome, "b")]).toEqual([["yes"], ["yes"]]);
});

test("where nobody can be asked that is said, and the play goes on", async () => {
  const outcome = await trial(play(`- ${asking}`));
  expect(warnings(outcome)).toEqual(["nobody can be asked, so the play goes on: go on?"]);
  expect(statuses(outcome)).toEqual(["p1.t1 ok", "p1.t2 changed"]);
});

test("what is typed unseen is shown nowhere", async () => {
  const outcome = await trial(play("- pause: {prompt: word?, echo: false}\n  register: r\n- act: say {{ r.user_input }}\n"), { ask: () => Promise.resolve("open-sesame") });
  expect(JSON.stringify(outcome.events)).not.toContain("open-sesame");
});

test("check mode asks nobody", async () => {
  const outcome = await trial(play("- pause: {prompt: go on?}\n"), { mode: "check", ask: () => Promise.reject(new Error("asked")) });
  expect(resultOf(outcome, "p1.t1").status).toBe("ok");
});
