import { createHash, getHashes } from "node:crypto";
import { parse, stringify } from "yaml";
import { crypt, crypts } from "./crypt.ts";
import type { Functions } from "./function.ts";
import { isMapping, kindOf, number, oneOf, text } from "./values.ts";

/** Values as the text of other languages, and back. */
export const encodingFunctions: Functions = {
  b64decode: { summary: "Text from base64.", takes: ["text"], examples: [["b64decode('QW5u')", "Ann"]], call: (value) => Buffer.from(text(value), "base64").toString("utf8") },
  b64encode: { summary: "Text as base64.", takes: ["text"], examples: [["b64encode('Ann')", "QW5u"]], call: (value) => Buffer.from(text(value), "utf8").toString("base64") },
  from_json: { summary: "The value of a JSON text.", takes: ["text"], examples: [["from_json('{\"a\": [1]}')", { a: [1] }]], call: (value) => JSON.parse(text(value)) as unknown },
  from_yaml: { summary: "The value of a YAML text.", takes: ["text"], examples: [["from_yaml('a: [1, x]')", { a: [1, "x"] }]], call: (value) => parse(text(value)) as unknown },
  hash: { summary: "The digest of a text in hex: sha1, sha256, sha512, md5 …", takes: ["text", "algorithm?"], examples: [["hash('a', 'md5')", "0cc175b9c0f1b6a831c399e269772661"], ["hash('a')", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"]], call: (value, algorithm) => digest(text(value), text(algorithm ?? "sha1")) },
  password_hash: {
    summary: "A password as /etc/shadow has it, by sha512 or sha256. The salt is up to 16 of A-Z a-z 0-9 . /; one is made from any other text, such as inventory_hostname.",
    takes: ["password", "type?", "salt", "rounds?"],
    examples: [["password_hash('Hello world!', 'sha512', 'saltstring')", "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"]],
    call: (password, type, salt, rounds) => passwordHash(text(password), type, { salt, rounds }),
  },
  to_json: { summary: "A value as JSON on one line.", takes: ["value"], aliases: ["json"], examples: [["to_json({'a': [1, true]})", '{"a":[1,true]}']], call: (value) => JSON.stringify(value ?? null) },
  to_nice_json: { summary: "A value as indented JSON (by 2).", takes: ["value", "indent?"], aliases: ["json_pretty"], examples: [["to_nice_json([1])", "[\n  1\n]"]], call: (value, width) => JSON.stringify(value ?? null, null, number(width ?? 2)) },
  to_nice_yaml: {
    summary: "A value as YAML, an item a line, indented (by 2).",
    takes: ["value", "indent?"],
    examples: [["to_nice_yaml({'a': [1, 'no']})", "a:\n  - 1\n  - \"no\"\n"]],
    call: (value, width) => stringify(value ?? null, { indent: number(width ?? 2), lineWidth: 0, compat: "yaml-1.1" }),
  },
  to_uuid: { summary: "A UUID made from a text, always the same (version 5, in Ansible's name space).", takes: ["text", "namespace?"], examples: [["to_uuid('a')", "9b6d1a0c-51b1-5093-93fc-cf09a700edff"]], call: (value, namespace) => uuid(text(value), text(namespace ?? "361e6d51-faec-444a-9079-341386da8e2e")) },
  to_yaml: { summary: "A value as YAML on one line.", takes: ["value"], examples: [["to_yaml({'a': [1, 'x']})", "{ a: [ 1, x ] }\n"]], call: (value) => stringify(value ?? null, { collectionStyle: "flow", lineWidth: 0, compat: "yaml-1.1" }) },
  urlencode: { summary: "Text as a part of a URL; a mapping as its query.", takes: ["value"], examples: [["urlencode('a b/c?')", "a%20b/c%3F"], ["urlencode({'q': 'a b', 'n': 1})", "q=a%20b&n=1"]], call: (value) => urlEncoded(value) },
  urlsplit: {
    summary: "The parts of a URL, or one of them: scheme, netloc, hostname, port, path, query, fragment, username, password.",
    takes: ["url", "part?"],
    examples: [["urlsplit('https://h:81/p?q=1', 'port')", 81], ["urlsplit('https://h:81/p?q=1').hostname", "h"]],
    call: (value, part) => urlPart(text(value), part),
  },
};

function digest(value: string, algorithm: string): string {
  if (!getHashes().includes(algorithm)) throw new TypeError(`knows sha1, sha256, sha512, md5 and others, not ${JSON.stringify(algorithm)}`);
  return createHash(algorithm).update(value).digest("hex");
}

function passwordHash(password: string, type: unknown, { salt, rounds }: { readonly salt: unknown; readonly rounds: unknown }): string {
  const kind = crypts[oneOf(text(type ?? "sha512").replace(/_?-?crypt$/, ""), Object.keys(crypts) as (keyof typeof crypts)[])];
  if (text(salt) === "") throw new TypeError("needs a salt, so that every run gives the same: password_hash(password, 'sha512', inventory_hostname)");
  return crypt(kind, password, { salt: saltOf(text(salt)), ...(rounds === undefined || rounds === null ? {} : { rounds: number(rounds) }) });
}

function saltOf(wanted: string): string {
  if (/^[./0-9A-Za-z]+$/.test(wanted)) return wanted;
  return createHash("sha256").update(wanted).digest("base64").replaceAll("+", ".").slice(0, 16);
}

function uuid(name: string, namespace: string): string {
  const space = namespace.replaceAll("-", "");
  if (!/^[0-9a-f]{32}$/i.test(space)) throw new TypeError(`needs a UUID as its name space, not ${JSON.stringify(namespace)}`);
  const bytes = createHash("sha1").update(Buffer.from(space, "hex")).update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function urlEncoded(value: unknown): string {
  const part = (each: unknown) => encodeURIComponent(text(each)).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  if (isMapping(value)) return Object.entries(value).map(([key, inner]) => `${part(key)}=${part(inner)}`).join("&");
  return text(value).split("/").map(part).join("/");
}

function urlPart(value: string, part: unknown): unknown {
  if (!URL.canParse(value)) throw new TypeError(`needs a URL, not ${kindOf(value)}`);
  const url = new URL(value);
  const parts = {
    scheme: url.protocol.replace(/:$/, ""),
    netloc: value.replace(/^[^:]+:\/\//, "").replace(/[/?#].*$/s, ""),
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    // The parser drops the usual port of a scheme; what is written counts.
    port: Number(/^[^/]*:\/\/[^/?#]*:(\d+)(?:[/?#]|$)/.exec(value)?.[1] ?? 0) || null,
    path: url.pathname,
    query: url.search.replace(/^\?/, ""),
    fragment: url.hash.replace(/^#/, ""),
    username: decodeURIComponent(url.username) || null,
    password: decodeURIComponent(url.password) || null,
  };
  return part === undefined ? parts : parts[oneOf(part, Object.keys(parts) as (keyof typeof parts)[])];
}
