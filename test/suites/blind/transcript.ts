import type { Answer } from './agent.ts';
import type { Event } from './play.ts';

/** A conversation as Markdown: who did what, a line each, without what is the same in every line. */
export function toMarkdown(title: string, events: readonly Event[]): string {
  return `## ${title}\n\n\`\`\`\n${events.map(toLine).join('\n')}\n\`\`\`\n`;
}

function toLine(event: Event): string {
  if (event.by === 'server') return line('server', toText(event.answer));
  if (event.by === 'caller') return line('caller', event.does);
  if (event.by === 'network') return line('network', `${event.lost} gets no answer`);
  if ('says' in event) return line('agent', `"${event.says}"`);
  const { callSid, paymentSid, ...rest } = event.args;
  // The test waits next to no time; an agent that is told of a change waits as the instructions say.
  const args = { ...rest, ...(rest.waitSeconds !== undefined && { waitSeconds: 8 }) };
  return line('agent', `${event.tool} ${Object.keys(args).length > 0 ? JSON.stringify(args) : ''}`.trim());
}

function toText({ phase, nextStep, thenCall, ifNo, why }: Answer): string {
  const then = thenCall && `, thenCall: ${thenCall}${ifNo && `, ifNo: ${ifNo}`}`;
  return `${phase}, nextStep: ${nextStep}${then}${why && `, why: ${why}`}`.replace(/^, /, '');
}

function line(who: string, what: string): string {
  return `${who.padEnd(8)}${what}`;
}
