import { Kept, widest } from "../../src/execute/kept.ts";

describe("Kept", () => {
  const answer = { code: 0, stdout: "", stderr: "" };
  const answers = [["k", answer]] as const;

  test("gives an answer once", () => {
    const kept = new Kept(8);
    kept.keep("a", kept.era, answers);
    expect([kept.take("a", "k"), kept.take("a", "k"), kept.take("b", "k")]).toEqual([{ answer, isFresh: false }, undefined, undefined]);
  });

  test("takes no answer that was asked for before something changed", () => {
    const kept = new Kept(8);
    const { era } = kept;
    kept.drop("b");
    kept.keep("a", era, answers);
    expect(kept.take("a", "k")).toBeUndefined();
    expect(kept.width("a")).toBe(1);
  });

  test("an answer that came behind a change is fresh until the host is asked something else", () => {
    const kept = new Kept(8);
    kept.drop("a");
    kept.changed("a", kept.era, [["k", answer], ["l", answer]]);
    expect(kept.take("a", "k")).toEqual({ answer, isFresh: true });
    kept.keep("a", kept.era, []);
    expect(kept.take("a", "l")).toEqual({ answer, isFresh: false });
  });

  test.each(["a", "b"])("an answer that came behind a change is worth nothing when %s changed meanwhile", (other) => {
    const kept = new Kept(8);
    kept.drop("a");
    const { era } = kept;
    kept.drop(other);
    kept.changed("a", era, answers);
    expect(kept.take("a", "k")).toBeUndefined();
    expect(kept.width("a")).toBe(1);
  });

  test("looks less far where answers were dropped unused, and further with each task that had nothing to change", () => {
    const kept = new Kept(8);
    kept.keep("a", kept.era, answers);
    kept.keep("b", kept.era, []);
    kept.keep("c", kept.era, answers);
    kept.drop("c");
    expect([kept.width("a"), kept.width("b"), kept.width("c")]).toEqual([1, 8, 4]);
    const widths = Array.from({ length: 8 }, () => {
      kept.converged("a");
      return kept.width("a");
    });
    expect(widths).toEqual([2, 4, 8, 16, 32, widest, widest, widest]);
  });
});
