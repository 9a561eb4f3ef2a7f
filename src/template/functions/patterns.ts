import { patternOf } from "../../core/pattern.ts";
import { text } from "./values.ts";

/** See {@link patternOf}. */
export function pattern(source: unknown, flags = ""): RegExp {
  return patternOf(text(source), flags);
}

/** `\1`, `\g<1>` and `\g<name>` beside `$1` and `$<name>`. */
export function replacement(source: unknown): string {
  return text(source)
    .replace(/\\g<(\d+)>/g, "$$$1")
    .replace(/\\g<(\w+)>/g, "$$<$1>")
    .replace(/\\(\d)/g, "$$$1");
}
