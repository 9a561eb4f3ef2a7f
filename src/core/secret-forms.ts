/**
 * A text as programs write it on its way through them: as it is, escaped for JSON (once and twice), XML and the shell,
 * URL-encoded, in hex, and in base64 wherever it begins in what was encoded.
 */
export function formsOf(value: string): string[] {
  return [...new Set([value, ...jsonForms(value), ...shellForms(value), ...xmlForms(value), ...urlForms(value), ...hexForms(value), ...base64Forms(value)])];
}

function jsonForms(value: string): string[] {
  const once = jsonForm(value);
  // Python's json leaves nothing but ASCII.
  const ascii = once.replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return [once, ascii, jsonForm(once)];
}

function jsonForm(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

/** Both ways to write a ' inside of '…'. */
function shellForms(value: string): string[] {
  return [value.replaceAll("'", "'\\''"), value.replaceAll("'", `'"'"'`)];
}

/** Between tags, and in attributes of either quote. */
function xmlForms(value: string): string[] {
  const text = value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const attribute = text.replaceAll('"', "&quot;");
  return [text, attribute, attribute.replaceAll("'", "&#39;"), attribute.replaceAll("'", "&apos;")];
}

/** In a path, in a query and in a form; hex digits in either case. */
function urlForms(value: string): string[] {
  // Half of a surrogate pair cannot be URL-encoded.
  const whole = Buffer.from(value, "utf8").toString("utf8");
  const component = encodeURIComponent(whole);
  const strict = component.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const form = new URLSearchParams([["", whole]]).toString().slice(1);
  const upper = [encodeURI(whole), component, component.replaceAll("%20", "+"), strict, strict.replaceAll("%20", "+"), form];
  return upper.flatMap((text) => [text, text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())]);
}

function hexForms(value: string): string[] {
  const hex = Buffer.from(value, "utf8").toString("hex");
  return [hex, hex.toUpperCase()];
}

/** Shorter pieces of base64 are words of everybody. */
const shortestBase64 = 6;

function base64Forms(value: string): string[] {
  const whole = Buffer.from(value, "utf8").toString("base64").replace(/=+$/, "");
  const all = [whole, ...wrapped(whole), ...alignedForms(value)].filter((form) => form.length >= shortestBase64);
  return all.flatMap((form) => [form, form.replaceAll("+", "-").replaceAll("/", "_")]);
}

/** base64 depends on where in a text the value begins, so each of the three alignments gives its own inner part. */
function alignedForms(value: string): string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.from("\0".repeat(shift) + value).toString("base64").replace(/=+$/, "");
    const head = shift === 0 ? 0 : shift + 1;
    const tail = (shift + Buffer.byteLength(value)) % 3 === 0 ? undefined : -1;
    return encoded.slice(head, tail);
  });
}

/** The lines that base64(1) and openssl make of it: 76 and 64 characters. */
function wrapped(encoded: string): string[] {
  return [76, 64].flatMap((columns) => (encoded.length > columns ? (encoded.match(new RegExp(`.{1,${columns}}`, "g")) ?? []) : []));
}
