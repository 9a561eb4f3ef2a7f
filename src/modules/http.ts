import type { Json } from "../core/json.ts";
import { sh, verbatim } from "../core/sh.ts";
import { run } from "../core/step.ts";
import { anyText, boolean, integer, listOf, oneOf, optional, seconds, text, textMap, withDefault } from "./args.ts";
import { defineAction, type Outcome } from "./contract.ts";
import { requireTool } from "./_observe.ts";

export const http = defineAction({
  name: "http",
  summary: "Ask a web server something from the host, and check its answer.",
  notes: "Runs curl on the host. Headers, body and url travel in curl's configuration on its input, never in argv. GET and HEAD run in check mode too.",
  args: {
    url: text("The address."),
    method: withDefault(oneOf(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], "The method."), "GET"),
    status: withDefault(listOf(integer("A status code.", { min: 100, max: 599 }), "The status codes that are good."), [200]),
    headers: withDefault(textMap("Headers of the request."), {}),
    body: optional(anyText("What is sent.")),
    timeout: withDefault(seconds("Seconds for the whole request."), 30),
    verify: withDefault(boolean("Check the server's certificate."), true),
  },
  otherNames: { status_code: "status", validate_certs: "verify" },
  examples: [{ title: "Is it there?", yaml: "http:\n  url: http://10.0.2.71:5000/v2/\nregister: answer\nuntil: answer.status == 200\nretries: 10\ndelay: 1" }],
  freeForm: "url",
  readOnly: (args) => args.method === "GET" || args.method === "HEAD",
  steps(args) {
    const quoted = (value: string) => `"${value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;
    const config = [
      `url = ${quoted(args.url)}`,
      args.method === "HEAD" ? "head" : `request = ${quoted(args.method)}`,
      ...Object.entries(args.headers).map(([name, value]) => `header = ${quoted(`${name}: ${value}`)}`),
      ...(args.body === undefined ? [] : [`data-raw = ${quoted(args.body)}`]),
      ...(args.verify ? [] : ["insecure"]),
      `max-time = ${args.timeout}`,
    ];
    const script = sh`
      ${requireTool("curl")}
      ${verbatim("exec curl -sS -K - -w '\\n%{http_code} %{content_type}'")}
    `;
    return [run(script, { stdin: `${config.join("\n")}\n`, title: `${args.method} ${args.url}` })];
  },
  outcome(args, answers): Outcome {
    const answer = answers.at(-1);
    const { code = 1, stdout = "", stderr = "" } = answer ?? {};
    const readOnly = args.method === "GET" || args.method === "HEAD";
    const failed = (why: string): Outcome => ({ changed: false, failed: `${args.method} ${args.url}: ${why}`, data: { status: 0, body: "" } });
    if (code !== 0) return failed(stderr.trim().split("\n").at(-1) || `exit code ${code}`);
    const cut = stdout.lastIndexOf("\n");
    const [status = "0", type = ""] = stdout.slice(cut + 1).split(" ");
    const body = stdout.slice(0, Math.max(0, cut));
    const data = { status: Number(status), body, url: args.url, ...parsedBody(type, body) };
    if (args.status.includes(Number(status))) return { changed: !readOnly, message: `status ${status}`, data };
    return { ...failed(`status ${status}, not ${args.status.join(" or ")}`), data };
  },
});

function parsedBody(type: string, body: string): { json?: Json } {
  if (!type.includes("json")) return {};
  try {
    return { json: JSON.parse(body) as Json };
  } catch {
    return {};
  }
}
