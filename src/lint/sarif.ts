import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import type { Position } from "../core/position.ts";
import type { Result } from "./lint.ts";
import type { Finding, Rule } from "./rule.ts";
import { rules } from "./rules.ts";
import { Text, type Edit } from "./text.ts";

/** A log of SARIF 2.1.0 (OASIS), with one run: what code scanning and editors read. */
export function sarif({ sources, findings, version }: Result): object {
  const texts = new Map(sources.map(({ path, text }) => [path, new Text(text, path)]));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "bowline lint", semanticVersion: version, rules: rules.map(descriptor) } },
        columnKind: "utf16CodeUnits",
        originalUriBaseIds: { SRCROOT: { uri: `${pathToFileURL(process.cwd()).href}/` } },
        results: findings.map((finding) => resultOf(finding, texts.get(finding.at.file))),
      },
    ],
  };
}

function descriptor({ id, summary, why, severity, profile }: Rule) {
  return {
    id,
    shortDescription: { text: summary },
    fullDescription: { text: why },
    help: { text: `${summary} ${why}`, markdown: `**${summary}**\n\n${why}` },
    defaultConfiguration: { level: severity },
    properties: { tags: [profile] },
  };
}

function resultOf({ rule, severity, at, message, expected, seen, hint, fix }: Finding, text: Text | undefined) {
  const parts = [message, ...(expected === undefined ? [] : [`expected: ${expected}`]), ...(seen === undefined ? [] : [`seen: ${seen}`]), ...(hint === undefined ? [] : [`hint: ${hint}`])];
  const artifactLocation = locationOf(at);
  const snippet = text ? { snippet: { text: text.line(at) } } : {};
  return {
    ruleId: rule,
    ruleIndex: rules.findIndex(({ id }) => id === rule),
    level: severity,
    message: { text: parts.join("\n") },
    locations: [{ physicalLocation: { artifactLocation, region: { startLine: at.line, startColumn: at.column, ...snippet } } }],
    partialFingerprints: { "placeAndRule/v1": `${rule}:${at.file}:${text?.line(at).trim() ?? at.line}` },
    ...(fix && text ? { fixes: [{ description: { text: hint ?? message }, artifactChanges: [{ artifactLocation, replacements: fix.edits.map((edit) => replacement(edit, text)) }] }] } : {}),
  };
}

/** Beside the root of the project, which a reader may have elsewhere. */
function locationOf({ file }: Position) {
  if (isAbsolute(file)) return { uri: pathToFileURL(file).href };
  return { uri: file.split("/").map(encodeURIComponent).join("/"), uriBaseId: "SRCROOT" };
}

function replacement({ from, to, text }: Edit, source: Text) {
  const [start, end] = [source.position(from), source.position(to)];
  return {
    deletedRegion: { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column },
    ...(text === "" ? {} : { insertedContent: { text } }),
  };
}
