import type { Result } from "./lint.ts";
import type { Finding, Severity } from "./rule.ts";
import { sarif } from "./sarif.ts";

/** The forms that programs read; each ends with a line feed. */
export const formats = {
  json: (result: Result) => asJson({ version: 1, files: result.sources.length, findings: result.findings.map(plain), summary: { errors: count(result.findings, "error"), warnings: count(result.findings, "warning") } }),
  sarif: (result: Result) => asJson(sarif(result)),
  github: ({ findings }: Result) => findings.map(annotation).join(""),
} as const satisfies Record<string, (result: Result) => string>;

export type Format = keyof typeof formats;

export function count(findings: readonly Finding[], severity: Severity): number {
  return findings.filter((finding) => finding.severity === severity).length;
}

function plain({ rule, severity, at, fix, ...words }: Finding) {
  return { rule, severity, ...at, ...words, fixable: fix !== undefined };
}

/** A workflow command of GitHub's, which shows the finding beside its line. */
function annotation({ at, severity, rule, message, hint }: Finding): string {
  const property = (text: string | number) => escaped(String(text)).replaceAll(":", "%3A").replaceAll(",", "%2C");
  return `::${severity} file=${property(at.file)},line=${at.line},col=${at.column},title=${property(rule)}::${escaped(hint === undefined ? message : `${message} (${hint})`)}\n`;
}

function escaped(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function asJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
