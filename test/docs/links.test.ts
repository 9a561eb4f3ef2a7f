import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const project = join(import.meta.dirname, "../..");
const pages = [join(project, "README.md"), join(project, "STYLE.md"), ...readdirSync(join(project, "docs"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md")).map((name) => join(project, "docs", name))];

const withoutCode = (text: string) => text.replace(/^```[\s\S]*?^```$/gm, "").replace(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]]/g, ""));

/** The names that GitHub gives to headings. */
function anchors(path: string): string[] {
  const headings = withoutCode(readFileSync(path, "utf8")).match(/^#+ .*$/gm) ?? [];
  return headings.map((line) => line.replace(/^#+ /, "").toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"));
}

const links = pages.flatMap((path) => [...withoutCode(readFileSync(path, "utf8")).matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => ({ from: relative(project, path), to: to! }))).filter(({ to }) => !to.includes("://"));

test("the pages have links", () => expect(links.length).toBeGreaterThan(100));

test.each(links)("$from leads to $to", ({ from, to }) => {
  const [path, anchor] = to.split("#") as [string, string | undefined];
  const target = path === "" ? join(project, from) : resolve(project, dirname(from), path);
  expect(existsSync(target)).toBe(true);
  if (anchor !== undefined) expect(anchors(target)).toContain(anchor);
});

test("every page can be reached from README.md", () => {
  const reached = new Set(["README.md"]);
  for (const from of reached) for (const link of links) if (link.from === from) reached.add(relative(project, resolve(project, dirname(from), link.to.split("#")[0]!)));
  expect(pages.map((path) => relative(project, path)).filter((path) => !reached.has(path))).toEqual([]);
});
