import type { Json, JsonObject } from "../core/json.ts";
import { sh } from "../core/sh.ts";
import { run, type Answer } from "../core/step.ts";
import { absolutePath, anything, boolean, integer, listOf, oneOf, optional, seconds, secret, text, textMap, withDefault } from "./args.ts";
import { defineAction, type Bound, type Outcome } from "./contract.ts";
import { lazily } from "./_lazy.ts";
import { requireTool } from "./_observe.ts";

const httpArgs = lazily(() => ({
  url: text("The address.").regex(/^https?:\/\/[^\s]+$/i, "must begin with http:// or https:// and hold no blanks"),
  method: withDefault(oneOf(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], "What is asked."), "GET"),
  status_code: withDefault(listOf(integer("A status code.", { min: 100, max: 599 }), "The status codes that are good."), [200]),
  headers: withDefault(textMap("Headers of the request."), {}),
  body: optional(anything("What is sent.")),
  body_format: withDefault(oneOf(["raw", "json"], "`raw`: the body is text and is sent as it is; `json`: any value, sent as JSON with its Content-Type."), "raw"),
  url_username: optional(text("The user for basic authentication.")),
  url_password: optional(secret("Its password.")),
  return_content: withDefault(boolean("Bring the body of the answer to the controller; turn it off for large ones."), true),
  follow_redirects: withDefault(boolean("Follow redirects of GET and HEAD."), true),
  validate_certs: withDefault(boolean("Check the server's certificate."), true),
  unix_socket: optional(absolutePath("Ask over this unix socket of the host.")),
  timeout: withDefault(seconds("Seconds for the whole request."), 30),
}));

type HttpArgs = Bound<typeof httpArgs>;

export const http = defineAction({
  name: "http",
  summary: "Ask a web server something from the host, and check its answer.",
  notes: `
* Runs curl on the host. Address, headers, password and body travel on curl's input, never in \`ps\`.
* GET and HEAD change nothing and run in check mode too; any other method is reported as changed.
* \`register\` gets \`status\` (0 when there was no answer), \`content\`, \`json\` when the answer is JSON, and \`url\` after redirects.
`,
  args: httpArgs,
  otherNames: { status: "status_code", verify: "validate_certs", user: "url_username", password: "url_password", data: "body" },
  examples: [
    { title: "Is it there?", yaml: "http:\n  url: http://10.0.2.71:5000/v2/\nregister: answer\nuntil: answer.status == 200\nretries: 10\ndelay: 1" },
    { title: "Tell it something", yaml: "http:\n  url: https://example.com/api/hosts\n  method: POST\n  body_format: json\n  body:\n    name: \"{{ inventory_hostname }}\"\n  status_code: [200, 201]" },
  ],
  freeForm: "url",
  rules: httpRules,
  readOnly: isReadOnly,
  steps(args) {
    const script = sh`
      ${requireTool("curl")}
      exec curl -q -sS -K - -w '\n%{http_code} %{url_effective} %{content_type}'
    `;
    return [run(script, { stdin: `${configOf(args).join("\n")}\n`, title: `${args.method} ${args.url}`, timeout: args.timeout + 10, whole: true })];
  },
  outcome(args, answers): Outcome {
    const answer = answers.at(-1) ?? { code: 1, stdout: "", stderr: "" };
    const { status, data } = answerOf(args, answer);
    const failed = (why: string): Outcome => ({ changed: !isReadOnly(args), failed: `${args.method} ${args.url}: ${why}`, data });
    if (answer.code !== 0) return failed(answer.stderr.trim().split("\n").at(-1) || `curl ended with exit code ${answer.code}`);
    if (args.status_code.includes(status)) return { changed: !isReadOnly(args), message: `status ${status}`, data };
    return failed(`status ${status}, not ${args.status_code.join(" or ")}${excerpt(String(data["content"] ?? ""))}`);
  },
});

function isReadOnly({ method }: HttpArgs): boolean {
  return method === "GET" || method === "HEAD";
}

function httpRules({ body, body_format, method, url_username, url_password, headers, timeout }: HttpArgs): string[] {
  return [
    ...(body !== undefined && typeof body !== "string" && body_format === "raw" ? ['"body" must be text, or body_format: json must say how it is sent'] : []),
    ...(body !== undefined && method === "HEAD" ? ["HEAD sends no body"] : []),
    ...(url_password !== undefined && url_username === undefined ? ['"url_password" needs "url_username"'] : []),
    ...(Object.entries(headers).flat().some((part) => /[\r\n]/.test(part)) ? ["a header must stand on one line"] : []),
    ...(body === undefined && body_format === "json" ? ['body_format: json needs a "body"'] : []),
    ...(timeout === 0 ? ['"timeout" must be more than 0'] : []),
  ];
}

/** curl(1), -K: one option a line, values in quotes in which backslash, quote and newline are escaped. */
function configOf(args: HttpArgs): string[] {
  const { body, body_format, headers, url_username: user, url_password: password } = args;
  const option = (name: string, value: string) => `${name} = "${value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r")}"`;
  const typed = Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
  const own = body_format === "raw" || typed ? {} : { "Content-Type": "application/json" };
  return [
    option("url", args.url),
    "globoff",
    option("proto", "=http,https"),
    ...(args.method === "HEAD" ? ["head"] : [option("request", args.method)]),
    ...Object.entries({ ...own, ...headers }).map(([name, value]) => option("header", value === "" ? `${name};` : `${name}: ${value}`)),
    ...(body === undefined ? [] : [option("data-raw", body_format === "json" ? JSON.stringify(body) : String(body))]),
    ...(user === undefined ? [] : [option("user", `${user}:${password?.reveal() ?? ""}`)]),
    ...(args.return_content ? [] : [option("output", "/dev/null")]),
    ...(args.follow_redirects && isReadOnly(args) ? ["location", "max-redirs = 10"] : []),
    ...(args.validate_certs ? [] : ["insecure"]),
    ...(args.unix_socket === undefined ? [] : [option("unix-socket", args.unix_socket)]),
    `max-time = ${args.timeout}`,
  ];
}

/** The body, and on the last line what curl says of the answer. */
function answerOf(args: HttpArgs, { stdout }: Answer): { status: number; data: JsonObject } {
  const cut = stdout.lastIndexOf("\n");
  const [status = "0", url = "", ...type] = stdout.slice(cut + 1).split(" ");
  const content = stdout.slice(0, Math.max(0, cut));
  const body = args.return_content ? { content, ...parsedBody(type.join(" "), content) } : {};
  return { status: Number(status), data: { status: Number(status), url: url || args.url, ...body } };
}

function parsedBody(type: string, body: string): { json?: Json } {
  if (!type.includes("json")) return {};
  try {
    return { json: JSON.parse(body) as Json };
  } catch {
    return {};
  }
}

const excerptLength = 200;

function excerpt(body: string): string {
  const words = body.trim().replace(/\s+/g, " ");
  if (words === "") return "";
  return `: ${words.length > excerptLength ? `${words.slice(0, excerptLength)}…` : words}`;
}
