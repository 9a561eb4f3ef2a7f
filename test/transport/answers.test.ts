import { AnswerReader, type Trailer } from "../../src/transport/answers.ts";
import { endBytes } from "../../src/transport/ends.ts";
import { lastWords } from "../../src/transport/spoken.ts";

const nonce = "0123456789abcdef0123456789abcdef";

function read(chunks: readonly Buffer[]): { answers: [Trailer, Buffer][]; lines: string[] } {
  const answers: [Trailer, Buffer][] = [];
  const lines: string[] = [];
  const reader = new AnswerReader(nonce, (trailer, { bytes }) => answers.push([trailer, bytes]), (text) => lines.push(text));
  for (const chunk of chunks) reader.push(chunk);
  return { answers, lines };
}

/** Output with all that could be taken for a trailer, and its answers. */
const outputs = ["", "one", "one\n", "\n", "\n\n", `\n${nonce}`, `\n${nonce.slice(0, 20)}\n`, `x\n${nonce}x 0 0 -\n`, `${nonce} 0 0 -\n`, "\u0000\u00ff\n\u00e9", `\n\n${nonce.slice(0, 31)}`];
const stream = Buffer.concat(outputs.map((output, index) => Buffer.from(`${output}\n${nonce} ${index} ${index} ${index % 2 ? "timeout,stray" : "-"}\n`)));

const expected = outputs.map((output, index) => [{ request: String(index), code: index, flags: index % 2 ? ["timeout", "stray"] : [] }, output]);

test("output is taken apart byte for byte, wherever the stream is cut into pieces", () => {
  const whole = read([stream]).answers.map(([trailer, output]) => [trailer, output.toString()]);
  expect(whole).toEqual(expected);
  for (let at = 1; at < stream.length; at += 1) {
    expect(read([stream.subarray(0, at), stream.subarray(at)]).answers.map(([trailer, output]) => [trailer, output.toString()])).toEqual(expected);
  }
  const bytes = Array.from({ length: stream.length }, (_, index) => stream.subarray(index, index + 1));
  expect(read(bytes).answers.map(([trailer, output]) => [trailer, output.toString()])).toEqual(expected);
});

test("what has no whole trailer behind it is no answer", () => {
  for (let length = 0; length < `one\n${nonce} 0 0 -`.length; length += 1) expect(read([Buffer.from(`one\n${nonce} 0 0 -`.slice(0, length))]).answers).toEqual([]);
});

test.each([
  ["whole lines", ["one\ntwo\n"], ["one", "two"]],
  ["a line in two pieces", ["on", "e\n"], ["one"]],
  ["a last line without an end, when the answer ends", ["one\ntw", `o\n${nonce} 0 0 -\n`], ["one", "two"]],
  ["a line whose newline could begin a trailer, at once", ["one\n"], ["one"]],
  ["an empty line", ["one\n", "\ntwo\n"], ["one", "", "two"]],
  ["a character in two pieces", [Buffer.from("é\n").subarray(0, 1), Buffer.from("é\n").subarray(1)], ["é"]],
])("lines are handed on as they come: %s", (_, chunks, lines) => {
  expect(read(chunks.map((chunk) => Buffer.from(chunk as string))).lines).toEqual(lines);
});

test("a line without an end is handed on in pieces", () => {
  const chunk = Buffer.alloc(1024 * 1024, "x");
  const { lines } = read([chunk, chunk, Buffer.from(`\n${nonce} 0 0 -\n`)]);
  expect(lines.map(({ length }) => length)).toEqual(Array.from({ length: 32 }, () => 64 * 1024));
});

describe("an answer of a gigabyte", () => {
  const gigabyte = 1024 * 1024 * 1024;
  /** Bytes that a listener gets, and that the reader holds at most, when so much comes in pieces like this one, between two others. */
  const pour = (piece: Buffer) => {
    const answers: { bytes: Buffer; omitted: number }[] = [];
    let [said, most, lines] = [0, 0, 0];
    let last = "";
    const reader = new AnswerReader(nonce, (_, output) => answers.push(output), (text) => {
      said += text.length;
      lines += 1;
      last = text;
    });
    reader.push(Buffer.from("first\n"));
    for (let sent = 0; sent < gigabyte; sent += piece.length) {
      reader.push(piece);
      most = Math.max(most, reader.held);
    }
    reader.push(Buffer.from(`\nlast\n${nonce} 0 0 -\n`));
    return { output: answers[0]!, most, said, lines, last, left: reader.held };
  };

  test.each<[string, Buffer]>([
    ["short lines", Buffer.from("y\n".repeat(32 * 1024))],
    ["usual lines", Buffer.from(`${"a word ".repeat(11)}\n`.repeat(800))],
    ["one line without an end", Buffer.alloc(64 * 1024, "x")],
    ["bytes that are no text", Buffer.alloc(64 * 1024, 0xff)],
    ["newlines, each of which could begin a trailer", Buffer.alloc(64 * 1024, "\n")],
  ])("of %s passes without being held: its two ends are kept, and the bytes between them are counted", (_, piece) => {
    const { output, most, said, lines, last, left } = pour(piece);
    expect(most).toBeLessThanOrEqual(2 * endBytes + 128);
    expect(left).toBe(0);
    const pieces = Math.ceil(gigabyte / piece.length);
    expect(output.omitted).toBe("first\n".length + pieces * piece.length + "\nlast".length - 2 * endBytes);
    const note = `\n[${output.omitted} bytes were left out here]\n`;
    expect(output.bytes.length).toBe(2 * endBytes + note.length);
    expect(output.bytes.subarray(endBytes, endBytes + note.length).toString()).toBe(note);
    expect([output.bytes.subarray(0, 8), output.bytes.subarray(-7)].map((part) => part.toString("latin1"))).toEqual([`first\n${piece.toString("latin1", 0, 2)}`, `${piece.toString("latin1").slice(-2)}\nlast`]);
    expect(said).toBeLessThan(8.1 * 1024 * 1024);
    expect(lines).toBeLessThan(150_000);
    expect(last).toBe(lastWords);
  });

  test("is followed by one that is handed on as ever", () => {
    const lines: string[] = [];
    const reader = new AnswerReader(nonce, () => undefined, (text) => lines.push(text));
    for (let count = 0; count < 400; count += 1) reader.push(Buffer.alloc(64 * 1024, "x"));
    reader.push(Buffer.from(`\n${nonce} 0 0 -\n`));
    lines.length = 0;
    reader.push(Buffer.from(`short\n\n${nonce} 1 0 -\n`));
    expect(lines).toEqual(["short"]);
  });
});
