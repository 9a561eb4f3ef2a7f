/**
 * Makes docs/run.svg from a terminal's screen: `tmux capture-pane -e -p | node test/picture.mjs >docs/run.svg`.
 * Only the attributes that our own reporters use are known: bold, dim, and the eight colors.
 */
import { text } from "node:stream/consumers";

const cell = { width: 8.4, height: 19 };
const margin = 18;
const colors = { 31: "#f47067", 32: "#6bc46d", 33: "#daaa3f", 34: "#6cb6ff", 35: "#dcbdfb", 36: "#76e3ea", 37: "#cdd9e5", 90: "#768390" };

const lines = (await text(process.stdin)).trimEnd().split("\n");
const columns = Math.max(...lines.map((line) => [...plain(line)].length));
const size = { width: Math.ceil(columns * cell.width + 2 * margin), height: Math.ceil(lines.length * cell.height + 2 * margin) };

process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}">
<title>A run of Bowline in a terminal</title>
<rect width="100%" height="100%" rx="8" fill="#22272e"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" fill="#cdd9e5" xml:space="preserve">
${lines.map(drawn).join("\n")}
</g>
</svg>
`);

/** Each run of characters of one look stands at its own column, so that no font can shift what follows it. */
function drawn(line, row) {
  const y = margin + (row + 0.75) * cell.height;
  let column = 0;
  let style = {};
  const spans = [];
  for (const part of line.split(/(\u001b\[[\d;]*m)/)) {
    const codes = /^\u001b\[([\d;]*)m$/.exec(part)?.[1];
    if (codes !== undefined) {
      style = codes.split(";").map(Number).reduce(styled, style);
      continue;
    }
    for (const { 0: word, index } of part.matchAll(/\S+(?: \S+)*/g)) {
      const x = margin + (column + [...part.slice(0, index)].length) * cell.width;
      spans.push(`<tspan x="${x.toFixed(1)}"${attributes(style)} textLength="${([...word].length * cell.width).toFixed(1)}">${escaped(word)}</tspan>`);
    }
    column += [...part].length;
  }
  return `<text y="${y.toFixed(1)}">${spans.join("")}</text>`;
}

function styled(style, code) {
  if (code === 0) return {};
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 39) return { ...style, color: undefined };
  return colors[code] === undefined ? style : { ...style, color: colors[code] };
}

function attributes({ bold, dim, color }) {
  const fill = color ?? (dim ? colors[90] : undefined);
  return `${fill === undefined ? "" : ` fill="${fill}"`}${bold ? ' font-weight="bold"' : ""}`;
}

function plain(line) {
  return line.replace(/\u001b\[[\d;]*m/g, "");
}

function escaped(word) {
  return word.replace(/[&<>]/g, (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[character]);
}
