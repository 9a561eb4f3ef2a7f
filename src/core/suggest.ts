import { closest, distance } from "fastest-levenshtein";

/** The nearest right spelling, when one is near enough to be what was meant. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const best = closest(word, candidates as string[]);
  return distance(word, best) <= Math.max(1, Math.floor(word.length / 3)) ? best : undefined;
}

/** `did you mean "x"?`, or a list of what there is when nothing is near and the list is short enough to help. */
export function suggestion(word: string, candidates: readonly string[]): string | undefined {
  const best = nearest(word, candidates);
  if (best !== undefined) return `did you mean "${best}"?`;
  if (candidates.length === 0 || candidates.length > 40) return undefined;
  return `known: ${[...candidates].sort().join(", ")}`;
}
