import { AnswerReader, type Trailer } from "../../src/transport/answers.ts";

const nonce = "0123456789abcdef0123456789abcdef";

function read(chunks: readonly Buffer[]): { answers: [Trailer, Buffer][]; lines: string[] } {
  const answers: [Trailer, Buffer][] = [];
  const lines: string[] = [];
  const reader = new AnswerReader(nonce, (trailer, output) => answers.push([trailer, output]), (text) => lines.push(text));
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

test("a line without an end is handed on in pieces, and an answer beyond measure is cut and says by how much", () => {
  const chunk = Buffer.alloc(1024 * 1024, "x");
  const { answers, lines } = read([...Array.from({ length: 33 }, () => chunk), Buffer.from(`\n${nonce} 0 0 -\n`)]);
  expect(lines.length).toBe((33 * 1024) / 64);
  expect(lines.join("").length).toBe(33 * 1024 * 1024);
  const [, output] = answers[0]!;
  expect(output.subarray(0, 32 * 1024 * 1024).equals(Buffer.alloc(32 * 1024 * 1024, "x"))).toBe(true);
  expect(output.subarray(32 * 1024 * 1024).toString()).toBe("\n[1048576 more bytes were not kept]\n");
});
