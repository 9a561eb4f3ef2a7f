import { nearest } from "../core/suggest.ts";
import { functionNamed, functionNames } from "./functions.ts";
import { celForJinja } from "./jinja-to-cel.ts";
import { handlebarsForJinja } from "./jinja-to-handlebars.ts";

/** What people bring along from Jinja into `{{ … }}`, and what it is here. */
export function templateHint(inside: string): string {
  return translation(inside) ?? foreign.find(({ when }) => when.test(inside))?.hint ?? "{{ name }} and {{ helper name }} are templates; operators go into conditions and !expr";
}

function translation(inside: string): string | undefined {
  const handlebars = handlebarsForJinja(inside);
  if (handlebars !== undefined) return `${/\|/.test(inside) ? "there are no filters: " : ""}write {{ ${handlebars} }}`;
  const filter = /\|\s*(?:\w+\.)*(\w+)\s*(?:\(|$|\|)/.exec(inside)?.[1];
  if (filter !== undefined && !functionNamed(filter)) return noFilter(filter);
  const cel = celForJinja(inside);
  return cel === undefined ? undefined : `operators go into conditions and !expr:  key: !expr ${cel}`;
}

function noFilter(name: string): string {
  const near = nearest(name, functionNames());
  return `there are no filters, and no helper "${name}"${near === undefined ? "" : `: did you mean "${near}"?`}`;
}

const foreign: readonly { when: RegExp; hint: string }[] = [
  { when: /\|/, hint: "there are no filters: write {{ helper value }}, and {{ helper (other value) }} for two" },
  { when: /[+*/~<>=%-]|\b(and|or|not|if|is)\b/, hint: "operators go into conditions and !expr:  key: !expr port + 1" },
];
