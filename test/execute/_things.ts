/** A play on all hosts with these tasks. */
export const play = (tasks: string) => `- hosts: all\n  tasks:\n${tasks.replaceAll(/^(?=.)/gm, "    ")}`;

/** So many tasks, each with a thing of its own, from t1 on. */
export const things = (count: number) => Array.from({ length: count }, (_, index) => `- thing: {name: t${index + 1}}\n`).join("");

/** A host on which so many things are as they are to be. */
export const up = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index + 1}`, "up"]));
