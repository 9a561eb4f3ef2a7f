import { compiled } from "./compile.ts";
import { changedTasks, farHost, fiftyHosts, looped, oneHost } from "./courses.ts";
import { files } from "./files.ts";
import { inventories } from "./inventory.ts";
import { profiled } from "./profile.ts";
import { scale } from "./scale.ts";
import type { Section } from "./section.ts";
import { startUp } from "./start.ts";

/**
 * What is measured, in the order of the page. Another module that measures is one more line: it exports a Section, or a
 * function that returns rows, around which the line puts name, title and words.
 */
export const sections: readonly Section[] = [
  startUp,
  oneHost,
  fiftyHosts,
  farHost,
  changedTasks,
  looped,
  files,
  compiled,
  inventories,
  scale,
  profiled,
];
