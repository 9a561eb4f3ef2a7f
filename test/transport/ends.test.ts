import { endBytes, Ends } from "../../src/transport/ends.ts";

/** Bytes that tell where they stood. */
function numbered(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at + 4 <= length; at += 4) bytes.writeUInt32BE(at, at);
  return bytes;
}

function taken(whole: Buffer, pieces: readonly number[]) {
  const ends = new Ends();
  let from = 0;
  for (let index = 0; from < whole.length; index += 1) ends.push(whole.subarray(from, (from += pieces[index % pieces.length]!)));
  return { ends, output: ends.take() };
}

test.each([0, 1, 5, endBytes - 1, endBytes, endBytes + 1, 2 * endBytes - 1, 2 * endBytes])("an output of %d bytes is kept whole", (length) => {
  const whole = numbered(length);
  const { output } = taken(whole, [70_001, 1, 12]);
  expect(output.omitted).toBe(0);
  expect(output.bytes.equals(whole)).toBe(true);
});

test.each<[number, number[]]>([
  [2 * endBytes + 1, [65_536]],
  [3 * endBytes + 7, [70_001, 1, 12]],
  [5 * endBytes, [5 * endBytes]],
  [4 * endBytes + 3, [endBytes]],
])("of %d bytes the first and the last are kept, and the others counted", (length, pieces) => {
  const whole = numbered(length);
  const { output } = taken(whole, pieces);
  expect(output.omitted).toBe(length - 2 * endBytes);
  expect(output.bytes.subarray(0, endBytes).equals(whole.subarray(0, endBytes))).toBe(true);
  expect(output.bytes.subarray(-endBytes).equals(whole.subarray(-endBytes))).toBe(true);
  expect(output.bytes.subarray(endBytes, -endBytes).toString()).toBe(`\n[${length - 2 * endBytes} bytes were left out here]\n`);
});

test("a small output holds no more than itself, a byte at a time not twice as much, and nothing is held behind it", () => {
  const ends = new Ends();
  ends.push(Buffer.from("small"));
  expect(ends.held).toBe(5);
  for (let count = 0; count < 1000; count += 1) ends.push(Buffer.from("x"));
  expect(ends.held).toBeLessThanOrEqual(2 * 1005);
  expect(ends.take().bytes.toString()).toBe(`small${"x".repeat(1000)}`);
  expect(ends.held).toBe(0);
  expect(ends.take()).toEqual({ bytes: Buffer.alloc(0), omitted: 0 });
});
