import { Secret } from "../../src/core/secret.ts";
import { http } from "../../src/modules/http.ts";
import { actor } from "./_actor.ts";
import { syntaxErrors } from "./_planner.ts";

const { badArguments, step, readOnly, outcome } = actor(http);
const url = "http://a/v2/";
const config = (raw: Record<string, unknown>) => String(step({ url, ...raw }).stdin).trimEnd().split("\n");

test.each<[Record<string, unknown>, string]>([
  [{}, 'http: "url" is missing'],
  [{ url: "file:///etc/shadow" }, 'http: "url" must begin with http:// or https:// and hold no blanks'],
  [{ url: "a/v2" }, 'http: "url" must begin with http:// or https:// and hold no blanks'],
  [{ url: "http://a/b c" }, 'http: "url" must begin with http:// or https:// and hold no blanks'],
  [{ url: "http://a/\nx" }, 'http: "url" must begin with http:// or https:// and hold no blanks'],
  [{ url, method: "get" }, 'http: "method" must be one of GET, HEAD, POST, PUT, PATCH, DELETE'],
  [{ url, status: 200 }, 'http: "status" is not an argument'],
  [{ url, status_code: [99] }, 'http: "status_code[0]" must be at least 100'],
  [{ url, body: { a: 1 }, method: "POST" }, 'http: "body" must be text, or body_format: json must say how it is sent'],
  [{ url, body: "a", method: "HEAD" }, "http: HEAD sends no body"],
  [{ url, body_format: "json" }, 'http: body_format: json needs a "body"'],
  [{ url, headers: { A: "b\r\nC: d" } }, "http: a header must stand on one line"],
  [{ url, url_password: "abcd" }, 'http: "url_password" needs "url_username"'],
  [{ url, timeout: 0 }, 'http: "timeout" must be more than 0'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test("GET and HEAD change nothing", () => {
  expect(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].map((method) => readOnly({ url, method }))).toEqual([true, true, false, false, false, false]);
});

test.each<[string, Record<string, unknown>, string[]]>([
  ["a plain question", {}, [`url = "${url}"`, "globoff", 'proto = "=http,https"', 'request = "GET"', "location", "max-redirs = 10", "max-time = 30"]],
  ["only the head", { method: "HEAD", follow_redirects: false, timeout: 0.5 }, [`url = "${url}"`, "globoff", 'proto = "=http,https"', "head", "max-time = 0.5"]],
])("curl is told %s", (_, raw, lines) => {
  expect(config(raw)).toEqual(lines);
});

test.each<[string, Record<string, unknown>, string[]]>([
  ["quotes, backslashes and newlines", { method: "POST", body: 'a "b"\\n\r\nc' }, ['data-raw = "a \\"b\\"\\\\n\\r\\nc"']],
  ["an empty body", { method: "POST", body: "" }, ['data-raw = ""']],
  ["a body that looks like a file", { method: "POST", body: "@/etc/shadow" }, ['data-raw = "@/etc/shadow"']],
  ["JSON", { method: "PUT", body: { a: ["é", null] }, body_format: "json" }, ['header = "Content-Type: application/json"', 'data-raw = "{\\"a\\":[\\"é\\",null]}"']],
  ["a Content-Type of one's own", { method: "PUT", body: [], body_format: "json", headers: { "content-type": "application/x" } }, ['header = "content-type: application/x"', 'data-raw = "[]"']],
  ["headers", { headers: { A: "b", N: 1, E: "" } }, ['header = "A: b"', 'header = "N: 1"', 'header = "E;"']],
  ["a user", { url_username: "u", url_password: new Secret('p"w') }, ['user = "u:p\\"w"']],
  ["no certificates", { validate_certs: false }, ["insecure"]],
  ["no body", { return_content: false }, ['output = "/dev/null"']],
  ["a socket", { unix_socket: "/run/docker.sock" }, ['unix-socket = "/run/docker.sock"']],
])("curl is told of %s", (_, raw, lines) => {
  expect(config(raw)).toEqual(expect.arrayContaining(lines));
});

test("a request that changes something follows no redirect", () => {
  expect(config({ method: "POST" })).not.toContain("location");
});

test("nothing of the request stands in the script", () => {
  const { script } = step({ url: "http://host.example/k7Jw2", method: "POST", headers: { A: "k7Jw2" }, body: "k7Jw2", url_username: "k7Jw2", url_password: "k7Jw2" });
  expect(script.text).not.toContain("k7Jw2");
  expect(script.text).not.toContain("host.example");
  expect(syntaxErrors([script])).toEqual([]);
});

test.each<[string, Record<string, unknown>, { code?: number; stdout?: string; stderr?: string }, object]>([
  ["what was asked for", {}, { stdout: `{"a":1}\n200 ${url} application/json; charset=utf-8` }, { changed: false, message: "status 200", data: { status: 200, url, content: '{"a":1}', json: { a: 1 } } }],
  ["a body that ends with a newline", {}, { stdout: `a\n\n200 ${url} text/plain` }, { data: { status: 200, content: "a\n" } }],
  ["no type and no body", {}, { stdout: `\n200 ${url} ` }, { data: { status: 200, url, content: "" } }],
  ["no JSON, though it says so", {}, { stdout: `{\n200 ${url} application/json` }, { data: { content: "{" } }],
  ["one of several good codes", { status_code: [201, 204] }, { stdout: `\n204 ${url} ` }, { message: "status 204" }],
  ["something made", { method: "POST" }, { stdout: `\n200 ${url} ` }, { changed: true }],
  ["without its body", { return_content: false }, { stdout: `\n200 ${url} text/html` }, { data: { status: 200, url } }],
  ["another code", {}, { stdout: `no  such\npage\n404 ${url} text/html` }, { failed: `GET ${url}: status 404, not 200: no such page`, data: { status: 404, content: "no  such\npage" } }],
  ["a long page of words", {}, { stdout: `${"x".repeat(300)}\n500 ${url} ` }, { failed: `GET ${url}: status 500, not 200: ${"x".repeat(200)}…` }],
  ["no answer", {}, { code: 7, stdout: `\n000 ${url} `, stderr: "curl: (7) Failed to connect to a port 80\n" }, { changed: false, failed: `GET ${url}: curl: (7) Failed to connect to a port 80`, data: { status: 0 } }],
  ["no curl to speak of", {}, { code: 2 }, { failed: `GET ${url}: curl ended with exit code 2`, data: { status: 0, url } }],
])("the answer: %s", (_, raw, answer, expected) => {
  expect(outcome({ url, ...raw }, answer)).toMatchObject(expected);
});
