import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The forms in which an inventory of the same hosts can stand, each with what -i is given. */
export type Forms = Readonly<Record<string, string>>;

/** Inventories of so many hosts, half of them web, in every form; beside one of them lie group_vars and host_vars of a tenth. */
export async function largeInventories(dir: string, hosts: number): Promise<Forms> {
  const [web, db, cache] = [hosts / 2, hosts / 4, hosts / 4];
  const at = (name: string) => join(dir, name);
  await mkdir(at("folders/group_vars"), { recursive: true });
  await mkdir(at("folders/host_vars"), { recursive: true });
  await writeFile(at("ranges.ini"), `[web]\nweb[1:${web}]\n[db]\ndb[1:${db}] ansible_port=2222\n[cache]\ncache[1:${cache}]\n${parents}`);
  const lines = `[web]\n${each(web, (index) => `web${index} ansible_host=${addressOf(index)} rack=${index % 40}\n`)}[db]\n${each(db, (index) => `db${index} ansible_port=2222 size="${index} GB"\n`)}[cache]\n${each(cache, (index) => `cache${index}\n`)}${parents}`;
  await writeFile(at("lines.ini"), lines);
  await writeFile(at("folders/hosts"), lines);
  await writeFile(at("folders/group_vars/web.yml"), 'size: 1\nlabel: "{{ size }} of {{ rack }}"\n');
  for (let index = 1; index <= hosts / 10; index += 1) await writeFile(at(`folders/host_vars/web${index}.yml`), `own: ${index}\n`);
  const webHosts = each(web, (index) => `            web${index}:\n              ansible_host: ${addressOf(index)}\n              rack: ${index % 40}\n`);
  const dbHosts = each(db, (index) => `            db${index}: { ansible_port: 2222 }\n`);
  const cacheHosts = each(cache, (index) => `            cache${index}:\n`);
  await writeFile(at("hosts.yml"), `all:\n  children:\n    prod:\n      children:\n        web:\n          hosts:\n${webHosts}        db:\n          hosts:\n${dbHosts}    staging:\n      children:\n        cache:\n          hosts:\n${cacheHosts}`);
  await writeFile(at("listing.json"), JSON.stringify(listing({ web, db, cache })));
  await writeFile(at("script"), `#!/bin/sh\ncat '${at("listing.json")}'\n`);
  await chmod(at("script"), 0o755);
  await writeFile(at("site.yml"), "- hosts: web:&prod:!web1\n  tasks:\n    - ping:\n");
  return { "INI with ranges": at("ranges.ini"), "INI, a line for each": at("lines.ini"), "INI, group_vars and host_vars": at("folders/hosts"), YAML: at("hosts.yml"), "JSON in a file": at("listing.json"), "JSON of a script": at("script") };
}

const parents = "[prod:children]\nweb\ndb\n[staging:children]\ncache\n[prod:vars]\nstage=prod\n";

function each(count: number, text: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => text(index + 1)).join("");
}

function addressOf(index: number): string {
  return `10.1.${Math.floor(index / 250)}.${index % 250}`;
}

function listing(counts: Readonly<Record<"web" | "db" | "cache", number>>) {
  const names = (group: keyof typeof counts) => Array.from({ length: counts[group] }, (_, index) => `${group}${index + 1}`);
  const ofWeb = names("web").map((name, index) => [name, { ansible_host: addressOf(index + 1), rack: index % 40, labels: ["a", "b"] }] as const);
  const ofDb = names("db").map((name) => [name, { ansible_port: 2222 }] as const);
  return {
    _meta: { hostvars: Object.fromEntries([...ofWeb, ...ofDb]) },
    web: { hosts: names("web") },
    db: { hosts: names("db") },
    cache: { hosts: names("cache") },
    prod: { children: ["web", "db"], vars: { stage: "prod" } },
    staging: { children: ["cache"] },
    all: { children: ["prod", "staging", "ungrouped"] },
  };
}
