/** One line of what the demo printed. */
export interface Line {
  /** Seconds since the demo began. */
  at: number;
  who: string;
  text: string;
}

const WIDTH = 900;
const MARGIN = 24;
const HEADER = 64;
/** Where the right column begins. */
const MIDDLE = 470;
const LINE_HEIGHT = 19;
const GAP = 8;
/** How much lower than the line before a line begins at least. */
const STEP = 12;
/** Seconds in which all lines appear, however long the payment took. */
const DURATION = 5;
/** Characters that fit a line of either column. */
const SPEECH_CHARS = 50;
const CODE_CHARS = 52;
const CHAR_WIDTH = 7.4;

const STYLE = `
  :root { --page: #ffffff; --edge: #d0d7de; --ink: #1f2328; --soft: #59636e; --agent: #ddf4ff; --caller: #fff8c5; --tool: #0969da; }
  @media (prefers-color-scheme: dark) {
    :root { --page: #0d1117; --edge: #3d444d; --ink: #f0f6fc; --soft: #9198a1; --agent: #0c2d6b; --caller: #4b3b00; --tool: #4493f8; }
  }
  text { font: 14px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: var(--ink); }
  .page { fill: var(--page); stroke: var(--edge); }
  .rule { stroke: var(--edge); }
  .head { font-weight: 600; }
  .who { fill: var(--soft); font-size: 12px; }
  .agent rect { fill: var(--agent); }
  .caller rect { fill: var(--caller); }
  .tool text, .status text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
  .tool text { fill: var(--tool); font-weight: 600; }
  .status text { fill: var(--soft); }
  @keyframes appear { from { opacity: 0.15; } }
  .row { animation: appear 0.3s backwards; }
  @media (prefers-reduced-motion: reduce) { .row { animation: none; } }`;

/**
 * A payment as an SVG: what is said on the phone at the left, what goes over MCP at the right, the lines appearing in
 * the rhythm in which they were printed. Programs that show no animation show all of it.
 */
export function pictureOf(lines: readonly Line[]): string {
  const rows = lines.filter((line, i) => isShown(line, lines[i + 1]));
  const begin = rows[0]?.at ?? 0;
  const took = (rows.at(-1)?.at ?? begin) - begin || 1;
  let latest = HEADER;
  const free = { speech: HEADER, code: HEADER };
  const drawn = rows.map((line) => {
    const isSpeech = line.who === 'agent' || line.who === 'caller';
    const column = isSpeech ? 'speech' : 'code';
    const texts = wrap(line.text, isSpeech ? SPEECH_CHARS : CODE_CHARS);
    // Never above what was printed before it, so that both columns are read from top to bottom together.
    const top = Math.max(free[column], latest);
    latest = top + STEP;
    free[column] = top + texts.length * LINE_HEIGHT + (isSpeech ? GAP + 10 : GAP);
    const content = isSpeech ? bubble(line.who, texts, top) : code(texts, top);
    return `<g class="row ${line.who}" style="animation-delay:${((DURATION * (line.at - begin)) / took).toFixed(1)}s">${content}</g>`;
  });
  const height = Math.max(free.speech, free.code) + MARGIN - GAP;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>A payment as npm run demo takes it</title>
<style>${STYLE}
</style>
<rect class="page" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="10"/>
<text class="head" x="${MARGIN}" y="36">On the phone</text>
${legend('agent', 270)}${legend('caller', 350)}
<text class="head" x="${MIDDLE}" y="36">Over MCP</text>
<line class="rule" x1="${MIDDLE - 24}" y1="20" x2="${MIDDLE - 24}" y2="${height - 20}"/>
${drawn.join('\n')}
</svg>
`;
}

/**
 * Left out: how the demo got ready, what a command answers beside the next step that follows anyway, and of masks that
 * grow all but the last.
 */
function isShown({ who, text }: Line, next: Line | undefined): boolean {
  if (who === 'agent' || who === 'caller' || who === 'tool') return true;
  if (who !== 'status' || /^(?:started|capturing) \|.* next: askCaller$|^started/.test(text)) return false;
  const isTyping = (line: string) => /^capturing \| card x+$/.test(line);
  return !(isTyping(text) && isTyping(next?.text ?? ''));
}

function legend(who: string, x: number): string {
  return `<g class="${who}"><rect x="${x}" y="25" width="14" height="14" rx="4"/></g><text class="who" x="${x + 20}" y="36">${who}</text>`;
}

function bubble(who: string, texts: string[], top: number): string {
  const width = Math.max(...texts.map((text) => text.length), who.length) * CHAR_WIDTH + 20;
  const height = texts.length * LINE_HEIGHT + 10;
  const x = who === 'agent' ? MARGIN : MIDDLE - 48 - width;
  const spans = texts.map(
    (text, i) => `<text x="${x + 10}" y="${top + 19 + i * LINE_HEIGHT}">${escaped(text)}</text>`,
  );
  return `<rect x="${x}" y="${top}" width="${width.toFixed(0)}" height="${height}" rx="8"/>${spans.join('')}`;
}

function code(texts: string[], top: number): string {
  return texts
    .map(
      (text, i) =>
        `<text x="${MIDDLE + (i > 0 ? 16 : 0)}" y="${top + 16 + i * LINE_HEIGHT}">${escaped(text)}</text>`,
    )
    .join('');
}

function wrap(text: string, chars: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last && last.length + word.length + 1 > chars) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
