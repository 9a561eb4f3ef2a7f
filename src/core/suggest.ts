import { closest, distance } from "fastest-levenshtein";

/** The nearest right spelling, when one is near enough to be what was meant. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const swapped = candidates.find((candidate) => isSwap(word, candidate));
  if (swapped !== undefined) return swapped;
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

/** Two neighbours changed places, `wehn`: the commonest slip, which counts as two edits. */
function isSwap(word: string, candidate: string): boolean {
  if (word.length !== candidate.length) return false;
  const index = [...word].findIndex((letter, at) => letter !== candidate[at]);
  return index >= 0 && word.slice(0, index) + (word[index + 1] ?? "") + word[index] + word.slice(index + 2) === candidate;
}
