import type { Lookups } from "../../src/template/lookups.ts";

/** Lookups over what a test says is there: files by path, and what each other lookup finds. */
export function lookupsOver(files: Readonly<Record<string, string>>, found: Readonly<Record<string, readonly unknown[]>> = {}): Lookups {
  const source = (name: string) => (files[name] === undefined ? undefined : { text: files[name], file: `/p/templates/${name}` });
  return {
    call: (name, terms, { options, render }) => {
      if (name === "template") return terms.map((term) => render(source(String(term))!));
      if (found[name]) return found[name];
      throw new Error(`was asked for ${JSON.stringify({ terms, options })}`);
    },
    partial: (name) => source(name) ?? source(`${name}.hbs`),
  };
}
